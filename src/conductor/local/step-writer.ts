import type { Files } from '../../shared/files.ts';
import { writeStepFiles } from '../../shared/prepare/step-files.ts';
import type { StudyRecord } from '../../shared/state/study-record.ts';
import { localResources } from '../../shared/study/script/local-resources.ts';
import { stepText } from '../../shared/study/text-of-step.ts';
import type { Capacity, Launch } from '../dispatch.ts';
import type { Demand } from '../model.ts';
import type { StepFiles } from './local-scheduler.ts';

/** Writes a launch's workspace and scripts, and tells which of the scripts is to be run. */
export function createStepWriter(
  { study, expansion }: StudyRecord,
  files: Files,
): (launch: Launch) => StepFiles {
  return ({ flight, script, growth }) => {
    const { step, number } = flight;
    const written = writeStepFiles(study, expansion, step, { number, growth }, files);
    const chosen = script === 'restart' ? written.restart : written.main;
    return { directory: written.directory, script: chosen ?? written.main, output: written.output };
  };
}

/**
 * What each step needs of this machine. Steps of a template whose resources name no parameter all need the
 * same, which is worked out once. `warn` hears of each template that wants more than the machine has.
 */
export function createDemand(
  { study, expansion }: StudyRecord,
  capacity: Capacity,
  warn: (message: string) => void,
): (step: number) => Demand {
  const warned = new Set<number>();
  const ofTemplate = new Map<number, Demand>();
  const varies = study.steps.map(({ resources }) =>
    Object.values(resources).some((text) => text.includes('$(')),
  );
  const nothing = { cores: 0, gpus: 0, walltimeMs: 0 };
  return (step) => {
    const template = expansion.template[step]!;
    if (study.batch.type !== 'local' && study.steps[template]!.isScheduled) return nothing;
    const known = ofTemplate.get(template);
    if (known !== undefined) return known;
    const { cores, gpus, walltimeMs } = localResources(study.batch, stepText(study, expansion, step));
    const demand = { cores, gpus, walltimeMs: walltimeMs ?? 0 };
    if (!varies[template]) ofTemplate.set(template, demand);
    if (!warned.has(template) && (cores > capacity.cores || gpus > capacity.gpus)) {
      warned.add(template);
      warn(oversized(expansion.names[step]!, demand, capacity));
    }
    return demand;
  };
}

function oversized(name: string, { cores, gpus }: Demand, capacity: Capacity): string {
  const wanted = cores > capacity.cores ? `${cores} cores` : `${gpus} gpus`;
  const given = cores > capacity.cores ? `${capacity.cores} cores` : `${capacity.gpus} gpus`;
  return `${name} asks for ${wanted}, this machine gives ${given}: it gets them all`;
}
