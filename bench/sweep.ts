import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The one step of a sweep, and what its scripts are to be. */
export interface Sweep {
  readonly name: string;
  /** One line of shell. */
  readonly cmd: string;
  /** How many combinations. */
  readonly count: number;
}

/** The script that a step of a sweep gets, byte for byte: benches compare with what has to be written anyway. */
export function scriptOf(
  { cmd, name }: Sweep,
  index: number,
): { directory: string; file: string; text: string } {
  const label = `N.${index}`;
  return {
    directory: join('step', label),
    file: join('step', label, `step_${label}.sh`),
    text: `#!/bin/bash\n\n${cmd} # ${name} ${index}\n`,
  };
}

/** Writes the specification of a sweep over one parameter and returns its path. */
export function writeSweep(directory: string, sweep: Sweep): string {
  const values = Array.from({ length: sweep.count }, (_, index) => index).join(', ');
  const file = join(directory, `${sweep.name}.yaml`);
  writeFileSync(
    file,
    `description:
  name: ${sweep.name}
  description: a sweep over ${sweep.count} combinations
study:
  - name: step
    description: one of many
    run:
      cmd: '${sweep.cmd} # ${sweep.name} $(N)'
global.parameters:
  N:
    values: [${values}]
    label: N.%%
`,
  );
  return file;
}
