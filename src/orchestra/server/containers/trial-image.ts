import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { makeMountPoints } from './mount-points.ts';

const SHELL = '/bin/sh';

/** How long the loader may take to tell what a program needs, in milliseconds. */
const LDD_LIMIT_MS = 5_000;

/** Makes the smallest image there can be: this machine's shell, and what it is linked with. */
export async function makeTrialImage(root: string): Promise<void> {
  makeMountPoints(root);
  const { stdout } = await execa('ldd', [SHELL], { reject: false, timeout: LDD_LIMIT_MS });
  const libraries = [...stdout.matchAll(/(?:^|\s)(\/[^\s()]+)/g)].map((match) => match[1]!);
  for (const file of [SHELL, ...libraries]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
}
