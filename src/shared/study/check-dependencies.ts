import type { StepSpec } from '../spec/specification.ts';
import { suggestOr } from '../spec/suggest.ts';
import { ancestorsOf, type Cycle, funnelNames, type LinkedStep } from './graph.ts';
import type { Finding, Report } from './report.ts';
import { tokenOf } from './tokens.ts';
import type { Mentions } from './uses.ts';

/** Dependencies on what is no step, and those that go round in a circle. */
export function checkDependencies(
  steps: readonly StepSpec[],
  links: readonly LinkedStep[],
  cycles: readonly Cycle[],
  report: Report,
): void {
  const names = steps.map(({ name }) => name);
  for (const [index, { unknown }] of links.entries()) {
    for (const entry of unknown) {
      const text = steps[index]!.depends[entry]!;
      report({
        severity: 'error',
        path: ['study', index, 'run', 'depends', entry],
        message: `step '${names[index]}' depends on '${text}', which is no step of this study`,
        mend: suggestOr(funnelNames(text)?.[0] ?? text, names, `the steps are ${listed(names)}`),
      });
    }
  }
  for (const cycle of cycles) report(cycleFinding(names, links, cycle));
}

/** As many names as a line of a terminal holds. */
const MOST_NAMES = 8;

/** Names in a sentence, not all of them where there are many. */
function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** Found where it is closed: at the member declared last, for the others were sound until then. */
function cycleFinding(names: readonly string[], links: readonly LinkedStep[], cycle: Cycle): Finding {
  const last = Math.max(...cycle);
  const place = cycle.indexOf(last);
  const parent = cycle.at(place - 1)!;
  const { parents, funnels } = links[last]!;
  const { entry } = [...parents, ...funnels].find(({ step }) => step === parent)!;
  const path = ['study', last, 'run', 'depends', entry];
  if (cycle.length === 1) {
    const message = `step '${names[last]}' depends on itself`;
    return { severity: 'error', path, message, mend: 'take it out of its own depends' };
  }
  // From the last one backwards: each awaits the one before it.
  const round = [...cycle.slice(0, place + 1).reverse(), ...cycle.slice(place + 1).reverse(), last];
  const message = `steps wait for each other: ${round.map((step) => `'${names[step]}'`).join(' depends on ')}`;
  return { severity: 'error', path, message, mend: 'take one of these dependencies out' };
}

/**
 * Workspaces that a step cannot name. It may name that of a step that it does not wait for: whether that is
 * meant, only its writer knows. `order` is that of the expansion.
 */
export function checkMentions(
  steps: readonly StepSpec[],
  links: readonly LinkedStep[],
  mentions: readonly Mentions[],
  order: readonly number[],
  report: Report,
): void {
  const place = new Map(order.map((index, position) => [index, position]));
  // What comes before a step is no descendant of it; only the few others need a look at their ancestors.
  const isLater = (other: number, index: number) =>
    place.get(other)! > place.get(index)! && ancestorsOf(links, other).has(index);
  for (const [index, { inCmd, inRestart }] of mentions.entries()) {
    for (const [key, named] of [['cmd', inCmd] as const, ['restart', inRestart] as const]) {
      for (const other of named) {
        if (other !== index && !isLater(other, index)) continue;
        const { name } = steps[other]!;
        report({
          path: ['study', index, 'run', key],
          text: tokenOf(`${name}.workspace`),
          ...mentionFinding(steps[index]!.name, name),
        });
      }
    }
  }
}

function mentionFinding(step: string, other: string): Pick<Finding, 'severity' | 'message' | 'mend'> {
  if (other === step) {
    return {
      severity: 'error',
      message: `step '${step}' names its own workspace as if it were another's`,
      mend: 'write $(WORKSPACE)',
    };
  }
  return {
    severity: 'error',
    message: `step '${step}' names the workspace of '${other}', which runs after it`,
    mend: `turn the dependency round, or take $(${other}.workspace) out`,
  };
}
