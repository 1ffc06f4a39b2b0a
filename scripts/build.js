// Builds dist/ and the manifest of the commands: `npm run build`.
//
// dist/ is brought up to date in place and then swept, and the manifest is replaced at once, rather than removed
// first: tests and studies that run from them meanwhile find every file at every moment.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';
import standalone from 'ajv/dist/standalone/index.js';

const standaloneCode = standalone.default;
const project = fileURLToPath(new URL('..', import.meta.url));

function compile() {
  const tsc = join(project, 'node_modules', '.bin', 'tsc');
  const { status, error } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: project, stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status === 0;
}

/** Removes compiled files whose source is gone: a command that was deleted would else still be there. */
function sweep() {
  for (const file of readdirSync(join(project, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const source = /^(.*)\.(?:js|js\.map|d\.ts)$/.exec(file)?.[1];
    if (source !== undefined && !existsSync(join(project, 'src', `${source}.ts`)))
      rmSync(join(project, 'dist', file));
  }
}

/** Compiles the schema of specifications ahead of time, so that no command has to. */
async function writeValidator() {
  const { schemaCompiler } = await import('../dist/shared/spec/compile-schema.js');
  const ajv = schemaCompiler({ forFile: true });
  const schema = JSON.parse(readFileSync(join(project, 'schema', 'study.schema.json'), 'utf8'));
  const code = standaloneCode(ajv, ajv.compile(schema));
  replace(join(project, 'dist', 'shared', 'spec', 'study-validator.cjs'), code);
}

// Whoever reads a file while it is put in place finds the old one or the new.
/** @param {string} file @param {string} text */
function replace(file, text) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

/** Writes what the command line knows of its commands, which spares it from loading them all to find one. */
async function writeManifest() {
  const plugin = new Plugin({
    root: project,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  const file = join(project, 'oclif.manifest.json');
  replace(file, `${JSON.stringify(plugin.manifest, null, 2)}\n`);
  return Object.keys(plugin.manifest.commands).length;
}

const isCompiled = compile();
sweep();
await writeValidator();
const commands = await writeManifest();
// A program without commands starts, and can do nothing: somebody has moved them.
if (commands === 0) console.error('no commands were found in dist/cli/commands');
process.exitCode = isCompiled && commands > 0 ? 0 : 1;
