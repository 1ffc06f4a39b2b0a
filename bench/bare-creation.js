// The bare cost of a dry run: creates the directories and scripts listed in a file, and nothing else.
//
//     node bench/bare-creation.js ROOT LIST
//
// LIST is JSON: [directory, file, text] for each script, relative to ROOT.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [root = '', list = ''] = process.argv.slice(2);
for (const [directory, file, text] of JSON.parse(readFileSync(list, 'utf8'))) {
  mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, file), text, { mode: 0o744 });
}
