import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import ts from 'typescript';
import { processesWith, signal } from '../e2e/harness.ts';
import { until } from '../e2e/until.ts';
import type { CodeBlock } from './code-blocks.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** How a program of a user went. */
export interface ProgramOutcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory in which a user has installed the package and writes programs. */
export interface UserProject {
  readonly directory: string;
  write(name: string, text: string): string;
  /** Runs a block as a file: TypeScript as it is, JavaScript by node alone. */
  run(block: CodeBlock, env?: Readonly<Record<string, string>>): Promise<ProgramOutcome>;
  /** What the compiler says of blocks, and which packages' types it has read. */
  typeCheck(blocks: readonly CodeBlock[]): {
    readonly problems: readonly string[];
    readonly packages: readonly string[];
  };
  /** Ends what was started in it, and removes it. */
  remove(): Promise<void>;
}

/** Makes such a directory; the package in it is this project, as it is built. */
export function makeUserProject(): UserProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-user-')));
  const directory = join(root, 'project');
  mkdirSync(join(directory, 'node_modules'), { recursive: true });
  symlinkSync(PROJECT, join(directory, 'node_modules', 'maestro-conductor'));
  const write = (name: string, text: string): string => {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write('package.json', '{ "type": "module" }\n');
  const state = join(root, 'state');
  return {
    directory,
    write,
    async run(block, env = {}) {
      const file = write(fileNameOf(block), block.text);
      const loader = block.language === 'ts' ? ['--import', import.meta.resolve('tsx')] : [];
      const { exitCode, stdout, stderr } = await execa(process.execPath, [...loader, file], {
        cwd: directory,
        env: { NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, XDG_STATE_HOME: state, ...env },
        stdin: 'ignore',
        reject: false,
        stripFinalNewline: false,
      });
      return { code: exitCode, stdout, stderr };
    },
    typeCheck: (blocks) => typeCheck(blocks.map((block) => write(fileNameOf(block), block.text))),
    async remove() {
      await until('all that was started is gone', () => killAll(`XDG_STATE_HOME=${state}`) === 0);
      rmSync(root, { recursive: true });
    },
  };
}

function fileNameOf({ line, language }: CodeBlock): string {
  return `at-line-${line}.${language}`;
}

function killAll(marker: string): number {
  const pids = processesWith(marker);
  for (const pid of pids) signal(pid, 'SIGKILL');
  return pids.length;
}

/** As strict as a compiler can be, declarations of packages included. */
function typeCheck(files: readonly string[]): ReturnType<UserProject['typeCheck']> {
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(PROJECT, 'node_modules', '@types')],
  });
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const at =
      file === undefined
        ? ''
        : `${file.fileName}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}: `;
    return at + ts.flattenDiagnosticMessageText(messageText, '\n');
  });
  const packages = program
    .getSourceFiles()
    .flatMap(({ fileName }) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(fileName)?.[1] ?? []);
  return { problems, packages: [...new Set(packages)].sort() };
}
