import type { Explanation } from '../explain/explain.ts';
import type { AttemptStory, StepFacts } from '../explain/facts.ts';
import { iso } from './json.ts';
import type { Theme } from './theme.ts';
import { printable, wrapTo } from './width.ts';

/** Lines that are read are no longer than this, however wide the terminal. */
const READABLE_WIDTH = 100;

/** An explanation for people. */
export function* explanationLines(
  facts: StepFacts,
  { sentences, output, mends }: Explanation,
  theme: Theme,
  terminalWidth: number | undefined,
): Generator<string> {
  const width = Math.min(terminalWidth ?? READABLE_WIDTH, READABLE_WIDTH);
  yield `${theme.strong(printable(facts.name))} is ${theme.state(facts.state, facts.state)}`;
  if (sentences.length > 0) yield '';
  for (const sentence of sentences) yield* wrapTo(printable(sentence), width);
  if (output !== undefined) {
    yield '';
    yield `Its standard ${output.stream === 'err' ? 'error' : 'output'} ends with:`;
    if (output.isCut) yield theme.faint('  …');
    for (const line of output.lines) yield `  ${printable(line)}`;
    yield theme.faint(`in ${printable(output.file)}`);
  }
  for (const { what, command } of mends) {
    yield '';
    yield `${what[0]!.toUpperCase()}${what.slice(1)}:`;
    yield `  ${theme.active(command)}`;
  }
}

/** An explanation for programs, with what it is made of. Times are ISO 8601 in UTC, spans milliseconds. */
export function explanationJson(facts: StepFacts, { sentences, output, mends }: Explanation): string {
  const { name, state, study, parents, culprits, attempts, walltimeMs } = facts;
  const { directory, outage = null, schedulerTrouble = null, retry = null, notBefore } = facts;
  return JSON.stringify(
    {
      directory,
      step: name,
      state,
      sentences,
      mends,
      walltimeMs: walltimeMs ?? null,
      retry,
      notBefore: iso(notBefore),
      study,
      parents: {
        total: parents.total,
        unfinished: Object.fromEntries(parents.unfinished),
        shown: parents.shown,
      },
      culprits,
      attempts: attempts.map(attemptJson),
      outage,
      schedulerTrouble,
      output: output ?? null,
    },
    null,
    2,
  );
}

function attemptJson(attempt: AttemptStory): Record<string, unknown> {
  return {
    ...attempt,
    why: attempt.why ?? null,
    walltimeMs: attempt.walltimeMs ?? null,
    submittedAt: iso(attempt.submittedAt),
    startedAt: iso(attempt.startedAt),
    endedAt: iso(attempt.endedAt),
  };
}
