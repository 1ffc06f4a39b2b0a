import { type Allocation, parseAllocation } from './allocation.ts';
import type { Share } from './dialect.ts';
import type { Report } from './script-problem.ts';

const TOKEN = '$(LAUNCHER)';
const BLANKS = /[ \t]*/y;

/** How much of an offending launcher a message shows. */
const SHOWN_CHARACTERS = 60;

/** What the launchers of one script are written from. */
export interface LauncherTerms {
  /** Which of the step's scripts it is. */
  readonly key: 'cmd' | 'restart';
  /** All of the step's resources: what a launcher without a bracket takes. */
  readonly all: Share;
  /** What launchers may take, each and together; undefined is not limited by the step. */
  readonly most: { readonly nodes: number | undefined; readonly procs: number | undefined };
  readonly write: (share: Share) => string;
}

interface Launcher {
  /** The token with its bracket, as the user wrote it. */
  readonly source: string;
  /** Where the script goes on behind it. */
  readonly end: number;
  /** Absent on a launcher without a bracket. */
  readonly allocation?: Allocation;
}

/** Whether a script names the launcher at all. */
export function usesLauncher(script: string): boolean {
  return script.includes(TOKEN);
}

/** Replaces every `$(LAUNCHER)`, with or without a bracket, by the launcher's command. */
export function substituteLaunchers(script: string, terms: LauncherTerms, report: Report): string {
  let at = script.indexOf(TOKEN);
  if (at < 0) return script;
  let text = '';
  let behind = 0;
  const shares: Share[] = [];
  while (at >= 0) {
    const launcher = readLauncher(script, at);
    const share = checkedShare(launcher, terms, report);
    if (share !== undefined && launcher.allocation !== undefined) shares.push(share);
    const command = share === undefined ? launcher.source : terms.write(share);
    text += script.slice(behind, at) + command;
    behind = command === '' ? skipBlanks(script, launcher.end) : launcher.end;
    at = script.indexOf(TOKEN, behind);
  }
  checkSum(shares, terms, report);
  return text + script.slice(behind);
}

/** The bracket ends at the first `]`, and on its line: a later `${a[0]}` is no part of it. */
function readLauncher(script: string, at: number): Launcher {
  const open = at + TOKEN.length;
  if (script[open] !== '[') return { source: TOKEN, end: open };
  const newline = script.indexOf('\n', open);
  const lineEnd = newline < 0 ? script.length : newline;
  const close = script.indexOf(']', open);
  if (close < 0 || close > lineEnd) {
    const allocation: Allocation = { kind: 'mistake', what: 'has no closing bracket', mend: 'add a ]' };
    return { source: script.slice(at, lineEnd), end: lineEnd, allocation };
  }
  const allocation = parseAllocation(script.slice(open + 1, close));
  return { source: script.slice(at, close + 1), end: close + 1, allocation };
}

function checkedShare(launcher: Launcher, terms: LauncherTerms, report: Report): Share | undefined {
  const { allocation } = launcher;
  if (allocation === undefined) return terms.all;
  const source = shown(launcher.source);
  if (allocation.kind === 'mistake') {
    const { what, mend } = allocation;
    report({
      severity: 'error',
      message: `${source} ${what}`,
      mend,
      block: 'step',
      path: ['run', terms.key],
    });
    return undefined;
  }
  const isOver = refuseExcess(`${source} asks for`, allocation, terms, report);
  return isOver ? undefined : allocation;
}

function checkSum(shares: readonly Share[], terms: LauncherTerms, report: Report): void {
  if (shares.length < 2) return;
  const nodes = shares.reduce((sum, share) => sum + (share.nodes ?? 0), 0);
  const procs = shares.reduce((sum, share) => sum + share.procs, 0);
  refuseExcess(`the launchers of ${terms.key} together ask for`, { nodes, procs }, terms, report);
}

/** Reports where more is asked for than the step has; true if it is. */
function refuseExcess(who: string, asked: Share, terms: LauncherTerms, report: Report): boolean {
  let isOver = false;
  for (const what of ['nodes', 'procs'] as const) {
    const most = terms.most[what];
    if (most === undefined || (asked[what] ?? 0) <= most) continue;
    const message = `${who} ${asked[what]} ${what}, and the step has ${most}`;
    const mend = `ask for at most ${most}, or raise the step's ${what}`;
    report({ severity: 'error', message, mend, block: 'step', path: ['run', terms.key] });
    isOver = true;
  }
  return isOver;
}

function skipBlanks(script: string, from: number): number {
  BLANKS.lastIndex = from;
  BLANKS.test(script);
  return BLANKS.lastIndex;
}

function shown(source: string): string {
  return source.length <= SHOWN_CHARACTERS ? source : `${source.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
