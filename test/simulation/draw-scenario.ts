import type { Retry } from '../../src/shared/spec/specification.ts';
import { type Dice, diceOf } from './dice.ts';
import {
  type ClusterPlan,
  type DiskCode,
  type Fault,
  HOSTS,
  type HostName,
  type Scenario,
  type StudyPlan,
  type SubmissionFault,
  type TemplatePlan,
} from './scenario.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The scenario of a seed. */
export function drawScenario(seed: number): Scenario {
  const dice = diceOf(seed, 1);
  const drawn = drawStudy(dice);
  // By dice of their own, so that all else of a seed stays what it was.
  const retries = diceOf(seed, 3);
  const hasRetries = retries.chance(0.5);
  const templates = drawn.templates.map((template) => ({
    ...template,
    ...(hasRetries && retries.chance(0.5) ? { retry: drawRetry(retries) } : {}),
  }));
  const study = { ...drawn, templates };
  const hasScheduled = study.templates.some(({ isScheduled }) => isScheduled);
  return { seed, study, cluster: drawCluster(dice), faults: drawFaults(dice, study, hasScheduled) };
}

function drawStudy(dice: Dice): StudyPlan {
  const where = dice.pick(['local', 'local', 'scheduled', 'mixed'] as const);
  const room = dice.spread(1, 30);
  const templates: TemplatePlan[] = [];
  let steps = 0;
  while (steps < room && templates.length < 8) {
    const template = drawTemplate(
      dice,
      templates,
      Math.min(room - steps, dice.pick([1, 1, 2, 3, 4, 8])),
      where,
    );
    templates.push(template);
    steps += template.steps;
  }
  return {
    templates,
    limits: {
      attempts: dice.between(1, 3),
      rlimit: dice.between(0, 2),
      throttle: dice.pick([0, 0, 0, 1, 2, 5]),
      sleeptime: dice.pick([1, 5, 10, 60]),
    },
    cores: dice.between(1, 4),
    gpus: dice.pick([0, 0, 1, 2]),
    resubmits: dice.between(0, 3),
    arrays: dice.chance(0.7),
    failing: dice.pick([0, 0, 0.05, 0.3]),
    longest: dice.pick([2, 20, 60, 300]) * SECOND,
  };
}

function drawTemplate(
  dice: Dice,
  earlier: readonly TemplatePlan[],
  steps: number,
  where: 'local' | 'scheduled' | 'mixed',
): TemplatePlan {
  const parents = new Set<number>();
  const funnels = new Set<number>();
  for (let picks = dice.between(0, 3); picks > 0 && earlier.length > 0; picks--) {
    const parent = dice.between(0, earlier.length - 1);
    const canBePlain = earlier[parent]!.steps === steps || earlier[parent]!.steps === 1;
    if (canBePlain && dice.chance(0.6)) parents.add(parent);
    else funnels.add(parent);
  }
  const hasWalltime = dice.chance(0.3);
  return {
    steps,
    parents: [...parents].filter((parent) => !funnels.has(parent)),
    funnels: [...funnels],
    cores: dice.pick([1, 1, 1, 2, 3]),
    gpus: dice.pick([0, 0, 0, 1]),
    walltime: hasWalltime ? dice.pick([10, 30, 120]) : 0,
    hasRestart: hasWalltime && dice.chance(0.7),
    isScheduled: where === 'scheduled' || (where === 'mixed' && dice.chance(0.5)),
  };
}

function drawRetry(dice: Dice): Retry {
  const ends = (['FAILED', 'TIMEDOUT', 'HWFAILURE', 9, 139] as const).filter(() => dice.chance(0.5));
  return {
    ...(dice.chance(0.8) ? { attempts: dice.between(1, 4) } : {}),
    ...(dice.chance(0.6) ? { backoffMs: dice.spread(SECOND, 5 * MINUTE) } : {}),
    ...(ends.length > 0 ? { on: ends } : {}),
    ...(dice.chance(0.5) ? { grow: { walltime: dice.pick([1.5, 2, 10]) } } : {}),
  };
}

function drawCluster(dice: Dice): ClusterPlan {
  return {
    noise: dice.pick([0, 0, 0.02, 0.2]),
    memory: dice.pick([10 * SECOND, 5 * MINUTE, 24 * HOUR]),
    requeues: dice.chance(0.3),
    arrayLimit: dice.pick([1, 3, 1000]),
  };
}

/** Most faults come while the study would have run without them. */
function horizonOf({ templates, longest, cores }: StudyPlan, hasScheduled: boolean): number {
  const steps = templates.reduce((sum, template) => sum + template.steps, 0);
  const queued = hasScheduled ? templates.length * 20 * SECOND : 0;
  return Math.min(40 * MINUTE, 5 * SECOND + queued + (steps * longest) / 3 / cores);
}

function drawFaults(dice: Dice, study: StudyPlan, hasScheduled: boolean): Fault[] {
  const horizon = Math.round(horizonOf(study, hasScheduled) * dice.pick([0.5, 1, 3]));
  const faults: Fault[] = [];
  for (let count = dice.between(0, dice.pick([3, 8, 16])); count > 0; count--) {
    const draw = dice.pick([
      drawEffectFault,
      drawEffectFault,
      drawEffectFault,
      drawProcessFault,
      drawProcessFault,
      drawMachineFault,
      drawRequest,
      ...(hasScheduled ? [drawSubmissionFault, drawSubmissionFault, drawSchedulerFault] : []),
    ]);
    faults.push(draw(dice, horizon, study));
  }
  return faults;
}

function drawEffectFault(dice: Dice): Fault {
  const what = dice.pick(['killed', 'killed', 'killed', 'refused', 'stopped'] as const);
  const at = { kind: 'at-effect', conductor: dice.spread(0, 7), effect: dice.spread(1, 400) } as const;
  switch (what) {
    case 'killed':
      return { ...at, what: { kind: 'killed', when: dice.pick(['before', 'within', 'after']) } };
    case 'refused':
      return { ...at, what: { kind: 'refused', code: drawCode(dice) } };
    case 'stopped':
      return {
        ...at,
        what: {
          kind: 'stopped',
          ms: drawAbsence(dice),
          where: dice.pick(['there', 'before an order', 'before an order']),
        },
      };
  }
}

/** Shorter and longer than a lease lasts. */
function drawAbsence(dice: Dice): number {
  return dice.chance(0.5) ? dice.spread(SECOND, MINUTE) : dice.spread(2 * MINUTE, 15 * MINUTE);
}

function drawCode(dice: Dice): DiskCode {
  return dice.pick(['ENOSPC', 'EIO', 'EROFS']);
}

function drawHost(dice: Dice): HostName {
  return dice.chance(0.8) ? HOSTS[0] : HOSTS[1];
}

function drawProcessFault(dice: Dice, horizon: number): Fault {
  const at = dice.between(0, horizon);
  const host = drawHost(dice);
  switch (dice.between(0, 6)) {
    case 0:
      return { at, kind: 'kill conductor', host };
    case 1:
      return { at, kind: 'kill runner', host };
    case 2:
      return { at, kind: 'terminate conductor', host, times: dice.between(1, 2) };
    case 3:
      return { at, kind: 'stop conductor', host, ms: drawAbsence(dice) };
    case 5:
      return { at, kind: 'stop runners', host, ms: dice.spread(SECOND, 5 * MINUTE) };
    case 4:
      return { kind: 'runner dies starting', n: dice.spread(0, 20) };
    default:
      return { at: dice.chance(0.3) ? 0 : at, kind: 'start conductor', host: dice.pick(HOSTS) };
  }
}

function drawMachineFault(dice: Dice, horizon: number): Fault {
  const at = dice.between(0, horizon);
  const host = drawHost(dice);
  switch (dice.between(0, 4)) {
    case 0:
      return { at, kind: 'reboot host', host, ms: dice.spread(30 * SECOND, 10 * MINUTE) };
    case 1:
      return { at, kind: 'suspend host', host, ms: drawAbsence(dice) };
    case 2:
      return { at, kind: 'set clock', host, by: dice.pick([-1, 1]) * dice.spread(SECOND, 26 * HOUR) };
    default:
      return {
        at,
        kind: 'disk trouble',
        ms: dice.spread(SECOND, 15 * MINUTE),
        code: drawCode(dice),
        where: dice.pick(['store', 'files', 'everywhere']),
        reads: dice.chance(0.3),
      };
  }
}

function drawRequest(dice: Dice, horizon: number, study: StudyPlan): Fault {
  const at = dice.between(0, horizon);
  switch (dice.between(0, 6)) {
    case 0:
      return { at, kind: 'cancel' };
    case 1:
      return { at, kind: 'pause', ms: dice.spread(SECOND, 10 * MINUTE) };
    case 2:
      return { at, kind: 'cancel steps', steps: drawSteps(dice, study) };
    case 3:
    case 4:
      return {
        // Many come after the study has ended, and open it again.
        at: dice.between(0, horizon * 4),
        kind: 'retry',
        steps: dice.chance(0.5) ? 'all that did not finish' : drawSteps(dice, study),
        descendants: dice.chance(0.8),
        clean: dice.chance(0.4),
      };
    default:
      return { at, kind: 'update', text: drawUpdate(dice), how: dice.pick(['at once', 'torn']) };
  }
}

function drawSteps(dice: Dice, { templates }: StudyPlan): number[] {
  const count = templates.reduce((sum, { steps }) => sum + steps, 0);
  const first = dice.between(0, count - 1);
  const length = dice.spread(1, count);
  return Array.from({ length }, (_, index) => (first + index) % count);
}

function drawUpdate(dice: Dice): string {
  if (dice.chance(0.15)) return dice.pick(['', 'throttle', 'throttle: -1\n', '{', '\0\0\0']);
  const limit = (values: readonly (number | null)[]): number | null => dice.pick(values);
  const throttle = limit([null, 0, 1, 2, 4]);
  const attempts = dice.chance(0.3) ? `attempts: ${limit([null, 1, 2, 4])}\n` : '';
  return `rlimit: ${limit([null, 0, 1, 3])}\nsleep: ${limit([null, 1, 30])}\nthrottle: ${throttle}\n${attempts}`;
}

function drawSubmissionFault(dice: Dice): SubmissionFault {
  const fates = ['unanswered', 'swallowed', 'late', 'twice', 'refused', 'refused for now'] as const;
  return { kind: 'submission', n: dice.spread(0, 30), fate: dice.pick(fates) };
}

function drawSchedulerFault(dice: Dice, horizon: number): Fault {
  const at = dice.between(0, horizon);
  switch (dice.between(0, 3)) {
    case 0:
      return { at, kind: 'scheduler down', ms: dice.spread(10 * SECOND, 3 * HOUR) };
    case 1:
      return {
        at,
        kind: 'scheduler restarts',
        ms: dice.spread(SECOND, 5 * MINUTE),
        jobsLive: dice.chance(0.5),
      };
    default:
      return { at, kind: 'node fails' };
  }
}
