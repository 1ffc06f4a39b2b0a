import { writeStepFiles } from '../../shared/prepare/step-files.ts';
import type { StudyRecord } from '../../shared/state/study-record.ts';
import { localResources } from '../../shared/study/script/local-resources.ts';
import { stepText } from '../../shared/study/text-of-step.ts';
import type { Launch } from '../dispatch.ts';
import type { Demand } from '../model.ts';
import type { StepFiles } from './local-scheduler.ts';

/** Writes a launch's workspace and scripts, and tells which of the scripts is to be run. */
export function createStepWriter({ study, expansion }: StudyRecord): (launch: Launch) => StepFiles {
  return ({ flight, script }) => {
    const keep = flight.number > 1;
    const files = writeStepFiles(study, expansion, flight.step, { keep });
    const chosen = script === 'restart' ? files.restart : files.main;
    return { directory: files.directory, script: chosen ?? files.main, output: files.output };
  };
}

/**
 * What each step needs of this machine. Steps of a template whose resources name no parameter all need the
 * same, which is worked out once.
 */
export function createDemand({ study, expansion }: StudyRecord): (step: number) => Demand {
  const ofTemplate = new Map<number, Demand>();
  const varies = study.steps.map(({ resources }) =>
    Object.values(resources).some((text) => text.includes('$(')),
  );
  return (step) => {
    const template = expansion.template[step]!;
    const known = ofTemplate.get(template);
    if (known !== undefined) return known;
    const { cores, gpus, walltimeMs } = localResources(study.batch, stepText(study, expansion, step));
    const demand = { cores, gpus, walltimeMs: walltimeMs ?? 0 };
    if (!varies[template]) ofTemplate.set(template, demand);
    return demand;
  };
}
