import type { NewTask } from '../../api/tasks.ts';
import { Refusal } from '../../refusal.ts';
import { readSecondaryDatasets } from '../../secondary-datasets.ts';
import { type Form, field, numberField, optionalField, truthField } from './fields.ts';

/** The largest command, and the longest of the other texts, in characters: as the API has them. */
const MAX_EXEC = 65_536;
const MAX_TEXT = 512;

/**
 * The task that a form describes. Clients that are older still send `gpu` in place of a queue, and do not know
 * dummies. Throws a Refusal for fields that are missing or make no sense; `secondaryDS` is read and never run.
 */
export function newTaskFrom(form: Form): NewTask {
  const secondary = readSecondaryDatasets(optionalField(form, 'secondaryDS') ?? '');
  if (!secondary.ok) throw new Refusal('unprocessable', secondary.problem);
  return {
    name: text(form, 'taskname', MAX_TEXT),
    dataFile: text(form, 'dataFile', MAX_TEXT),
    configFile: text(form, 'configFile', MAX_TEXT),
    secondary: secondary.datasets,
    exec: text(form, 'execCommand', MAX_EXEC),
    image: text(form, 'containerImage', MAX_TEXT),
    queue: optionalField(form, 'queue') ?? (truthField(form, 'gpu') ? 'nvidia' : 'cpu_small'),
    et: numberField(form, 'et'),
    eta: numberField(form, 'eta'),
    isDummyData: truthField(form, 'is_dummy_data'),
    isDummyConfig: truthField(form, 'is_dummy_config'),
    canaries: 1,
    dryRun: false,
  };
}

function text(form: Form, name: string, max: number): string {
  const value = field(form, name);
  if (value.length <= max) return value;
  throw new Refusal('bad-request', `the field ${name} is too long: it may have ${max} characters`);
}
