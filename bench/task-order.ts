import type { NewTask } from '../src/orchestra/api/tasks.ts';

/** The task of a user of a crowd, over the datasets that each of them has. `name` is the last part of its own. */
export function taskOf(
  user: string,
  { name, exec }: { readonly name: string; readonly exec: string },
): NewTask {
  const own = `user.${user}`;
  return {
    name: `${own}.${name}`,
    dataFile: `${own}.data`,
    configFile: `${own}.configs`,
    secondary: {},
    exec,
    image: 'busybox',
    queue: 'cpu_small',
    et: 0,
    eta: 0,
    isDummyData: false,
    isDummyConfig: false,
    canaries: 1,
    dryRun: false,
  };
}
