import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { UserError } from '../shared/errors.ts';

/**
 * Puts questions to the user: on a terminal as prompts, else by a line of the standard input each. All throw a
 * UserError where there is no answer to be had.
 */
export interface Questions {
  /** True for `y` or `yes` in any case. */
  readonly confirm: (question: string) => Promise<boolean>;
  readonly line: (question: string) => Promise<string>;
  /** Like `line`, and shows nothing of what is typed. */
  readonly secret: (question: string) => Promise<string>;
  /** One of the choices; asks again after anything else. */
  readonly choose: <Choice extends string>(
    question: string,
    choices: readonly { readonly value: Choice; readonly name: string }[],
  ) => Promise<Choice>;
  /** Lets go of the standard input, which would else keep the process alive. */
  readonly close: () => void;
}

/**
 * How long a piped answer may take, in milliseconds. An answer that is piped is there at once; an input that
 * stays open and silent, as under a scheduler or in a script without `-y`, will never give one.
 */
const ANSWER_TIMEOUT_MS = 10_000;

/** `mend` says which options answer beforehand. */
export function createQuestions(mend: string): Questions {
  return process.stdin.isTTY
    ? terminalQuestions()
    : pipedQuestions({ input: process.stdin, output: process.stderr, mend, timeoutMs: ANSWER_TIMEOUT_MS });
}

function isYes(answer: string): boolean {
  return /^(?:y|yes)$/i.test(answer.trim());
}

/** Prompts go to the standard error: the standard output may be a pipe even where the input is a terminal. */
function terminalQuestions(): Questions {
  const prompts = () => import('@inquirer/prompts');
  const context = { output: process.stderr };
  return {
    confirm: async (question) =>
      isYes(await (await prompts()).input({ message: `${question} [y/n]` }, context)),
    line: async (question) => (await prompts()).input({ message: question }, context),
    secret: async (question) => (await prompts()).password({ message: question, mask: false }, context),
    choose: async (question, choices) =>
      (await prompts()).select({ message: question, choices: [...choices] }, context),
    close: () => {},
  };
}

/** Takes its answers as lines of an input; exported with everything it needs for the sake of its tests. */
export function pipedQuestions({
  input,
  output,
  mend,
  timeoutMs,
}: {
  readonly input: Readable;
  readonly output: Writable;
  readonly mend: string;
  readonly timeoutMs: number;
}): Questions {
  const readLine = createLineReader(input, timeoutMs);
  const line = async (question: string): Promise<string> => {
    output.write(`${question} `);
    const answer = await readLine();
    output.write('\n');
    if (answer !== undefined) return answer;
    throw new UserError('there is no terminal to ask on and no answer on the standard input', mend);
  };
  return {
    confirm: async (question) => isYes(await line(`${question} [y/n]`)),
    line,
    secret: line,
    choose: async (question, choices) => {
      for (;;) {
        const answer = (await line(`${question} (${choices.map(({ value }) => value).join(', ')})`)).trim();
        const choice = choices.find(({ value }) => value === answer);
        if (choice !== undefined) return choice.value;
      }
    },
    close: () => input.destroy(),
  };
}

/** Reads no more than the lines asked for: the input may be `yes`, which has no end. */
function createLineReader(input: Readable, timeoutMs: number): () => Promise<string | undefined> {
  const chunks = input.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  let unread = '';
  return async () => {
    while (!unread.includes('\n')) {
      const chunk = await withinTime(chunks.next(), timeoutMs);
      if (chunk === undefined || chunk.done === true) break;
      unread += chunk.value;
    }
    const end = unread.indexOf('\n');
    const line = end < 0 ? unread : unread.slice(0, end);
    const isNothing = end < 0 && line === '';
    unread = unread.slice(line.length + 1);
    return isNothing ? undefined : line;
  };
}

async function withinTime<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  const settled = new AbortController();
  const late = setTimeout(ms, undefined, { signal: settled.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
  }
}
