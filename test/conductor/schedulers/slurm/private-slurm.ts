import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const SCRIPTS = fileURLToPath(new URL('../../../../scripts/slurm/', import.meta.url));

/** Longer than any of the scripts takes, mariadb's first start included. */
const SCRIPT_LIMIT_MS = 120_000;

/** What a private Slurm has. */
export interface PrivateSlurmOptions {
  readonly accounting: boolean;
  readonly comments?: boolean;
}

/**
 * Why there can be no private Slurm on this machine; undefined if there can. Where MAESTRO_TEST_SLURM is
 * `required` there must be one, and its absence is a failure of the tests.
 */
export function whyNoSlurm({ accounting }: PrivateSlurmOptions): string | undefined {
  if (process.env.MAESTRO_TEST_SLURM === 'required') return undefined;
  const programs = [
    'sbatch',
    'slurmctld',
    'slurmd',
    'munged',
    ...(accounting ? ['slurmdbd', 'mariadbd'] : []),
  ];
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length > 0) return `left out, not tried on a real Slurm: ${missing.join(', ')} not installed`;
  return process.getuid?.() === 0
    ? undefined
    : 'left out, not tried on a real Slurm: only root can start one';
}

function isInstalled(program: string): boolean {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { env: { PATH: path }, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A Slurm of one node that belongs to one test file. */
export class PrivateSlurm {
  readonly directory: string;
  /** What Slurm's commands need in their environment to reach it. */
  readonly environment: NodeJS.ProcessEnv;
  private readonly options: PrivateSlurmOptions;

  private constructor(directory: string, options: PrivateSlurmOptions) {
    this.directory = directory;
    this.options = options;
    this.environment = { ...process.env, SLURM_CONF: join(directory, 'etc/slurm.conf') };
  }

  static async start(options: PrivateSlurmOptions): Promise<PrivateSlurm> {
    const slurm = new PrivateSlurm(mkdtempSync(join(tmpdir(), 'maestro-slurm-')), options);
    await slurm.up();
    return slurm;
  }

  /** Starts what does not run, and waits until the node is ready. */
  async up(): Promise<void> {
    const { accounting, comments = true } = this.options;
    const flags = [...(accounting ? ['--accounting'] : []), ...(comments ? [] : ['--no-comments'])];
    // stdin and output go nowhere: the daemons would keep pipes open.
    await execa(join(SCRIPTS, 'up.sh'), [...flags, '--cpus', '8', this.directory], {
      timeout: SCRIPT_LIMIT_MS,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'inherit',
    });
  }

  /** Ends daemons; none named: all of it, and its jobs. */
  async down(...daemons: string[]): Promise<void> {
    await execa(join(SCRIPTS, 'down.sh'), [this.directory, ...daemons], {
      timeout: SCRIPT_LIMIT_MS,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  async command(program: string, ...args: string[]): Promise<string> {
    const result = await execa(program, args, { env: this.environment, stdin: 'ignore' });
    return result.stdout;
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
