import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import { type Diagnostic, errorAt, formatDiagnostic } from '../../../shared/spec/diagnostic.ts';
import { readDocument } from '../../../shared/spec/document.ts';
import type { Finding } from '../../../shared/spec/finding.ts';
import { keyOffsetOf, offsetOf, type Source } from '../../../shared/spec/locate.ts';
import { mergeDiagnostics } from '../../../shared/spec/merge-diagnostics.ts';
import { readText } from '../../../shared/spec/read-file.ts';
import type { Tree } from '../../../shared/spec/tree.ts';
import { checkBatchBlocks } from './check-batch.ts';
import { checkSense } from './check-sense.ts';
import { checkShape, dataOf } from './check-shape.ts';
import { type ClusterConfig, defaultConfig } from './config.ts';
import { configText } from './config-text.ts';

/** A configuration, and what in it is probably not meant. */
export interface ConfigReading {
  readonly config: ClusterConfig;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads the configuration of a cluster; with `mayMake`, makes the default one where there is none yet. What the
 * file leaves out has its default. Throws a UserError that tells all that is wrong with it, a line each.
 *
 * @param dataDirectory Where files that it names are looked for.
 */
export function readConfig(
  file: string,
  dataDirectory: string = dirname(file),
  mayMake = true,
): ConfigReading {
  const defaults = defaultConfig(availableParallelism(), nvidiaDevices());
  if (mayMake && !existsSync(file)) {
    writeFileSync(file, configText(defaults), { mode: 0o600, flag: 'wx' });
  }
  const read = readText(file);
  if (read.kind === 'problem') throw new UserError(`${file}: ${read.message}`, read.mend);
  const { config, diagnostics } = examineConfig({ file, text: read.text, defaults, dataDirectory });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return { config, warnings: diagnostics };
  const count = errors.length === 1 ? 'a mistake' : `${errors.length} mistakes`;
  throw new UserError([`the configuration has ${count}`, ...errors.map(formatDiagnostic)].join('\n'));
}

interface Examined {
  readonly file: string;
  readonly text: string;
  readonly defaults: ClusterConfig;
  readonly dataDirectory: string;
}

/** A configuration with its defaults, and everything that is to be said of it, in the order of the file. */
function examineConfig({ file, text, defaults, dataDirectory }: Examined): {
  readonly config: ClusterConfig;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { tree = NOTHING, problems, position } = readDocument(text);
  const isEmpty = tree === NOTHING && !/^\s*[^#\s]/m.test(text);
  const broken = isEmpty
    ? []
    : problems.map(({ offset, message, mend }) => errorAt({ file, ...position(offset) }, message, mend));
  const source: Source = { text, tree };
  const tell = ({ severity, path, atKey, message, mend }: Finding): Diagnostic => {
    const offset = (atKey ? keyOffsetOf : offsetOf)(source, path);
    return { severity, at: { file, ...position(offset) }, message, mend };
  };
  const shape = [...checkShape(tree), ...checkBatchBlocks(tree)];
  const config = withDefaults(dataOf(tree), defaults);
  const isShaped = broken.length === 0 && shape.every(({ severity }) => severity === 'warning');
  const sense = isShaped ? checkSense(config, dataDirectory) : [];
  return { config, diagnostics: mergeDiagnostics([broken, shape.map(tell), sense.map(tell)]) };
}

const NOTHING: Tree = { kind: 'null', source: '' };

/** Section by section; the queues of a file stand for all queues. */
function withDefaults(file: Record<string, unknown>, defaults: ClusterConfig): ClusterConfig {
  const { queues, ...sections } = defaults;
  const filled = Object.entries(sections).map(([name, section]) => [
    name,
    { ...section, ...(file[name] as object | undefined) },
  ]);
  return { ...Object.fromEntries(filled), queues: file.queues ?? queues } as ClusterConfig;
}

/** The GPUs of this machine, by the numbers that CUDA has for them. */
function nvidiaDevices(): string[] {
  try {
    return readdirSync('/proc/driver/nvidia/gpus').map((_, index) => String(index));
  } catch {
    return [];
  }
}
