import type { TaskDetails } from '../../orchestra/api/tasks.ts';
import type { Connection } from '../../orchestra/client/call.ts';
import { followTask } from '../../orchestra/client/follow.ts';
import { interruptible } from '../interruption.ts';
import { isLiveTerminal, outputTakesColour, print, terminalWidth } from '../output.ts';
import { taskProgressLine } from '../render/task-page.ts';
import { createTheme } from '../render/theme.ts';

/** How what becomes of a task is told. */
export type Telling = 'lines' | 'json' | 'nothing';

/**
 * Waits until a task has ended and answers it, telling on the way how far it is: in a line that is drawn again on
 * a terminal, else in a line for each change; as JSON, a line for each change. Ctrl-C leaves the task as it is.
 */
export async function watchTask(
  connection: Connection,
  name: string,
  telling: Telling,
): Promise<TaskDetails> {
  return await interruptible(async (signal) => {
    const teller = await createTeller(telling);
    let last: TaskDetails | undefined;
    for await (const task of followTask(connection, name, { signal })) {
      teller.tell(task);
      last = task;
    }
    teller.end();
    return last!;
  });
}

interface Teller {
  tell(task: TaskDetails): void;
  end(): void;
}

async function createTeller(telling: Telling): Promise<Teller> {
  const end = (): void => {};
  if (telling === 'nothing') return { tell() {}, end };
  if (telling === 'json') return { tell: (task) => print(JSON.stringify(task)), end };
  const theme = createTheme(outputTakesColour());
  if (!isLiveTerminal() || terminalWidth() === undefined) {
    return { tell: (task) => print(taskProgressLine(task, theme)), end };
  }
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(process.stdout);
  return { tell: (task) => draw(taskProgressLine(task, theme)), end: () => draw.done() };
}
