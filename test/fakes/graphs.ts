import { buildGraph, type Graph } from '../../src/conductor/graph.ts';
import type { StoredStep } from '../../src/conductor/model.ts';
import type { Resources, Retry } from '../../src/shared/spec/specification.ts';
import type { Expansion, StepTemplate, Study } from '../../src/shared/study/study.ts';

/** A template of a made-up study: how many steps, plain parents step by step, funnelled templates. */
export interface FakeTemplate {
  readonly steps: number;
  /** Templates with the same number of steps, or with one: step i waits for their step i, or for the one. */
  readonly parents?: readonly number[];
  readonly funnels?: readonly number[];
  readonly restart?: string;
  readonly retry?: Retry;
  readonly resources?: Resources;
  readonly isScheduled?: boolean;
}

/** A study of made-up templates, in the order given: parents come before their children. */
export function fakeStudy(templates: readonly FakeTemplate[]): {
  study: Study;
  expansion: Expansion;
  graph: Graph;
} {
  const first: number[] = [];
  const template: number[] = [];
  const parents: number[] = [];
  const parentsStart = [0];
  templates.forEach((fake, index) => {
    first.push(template.length);
    for (let member = 0; member < fake.steps; member++) {
      template.push(index);
      for (const parent of fake.parents ?? []) {
        parents.push(first[parent]! + (templates[parent]!.steps === 1 ? 0 : member));
      }
      parentsStart.push(parents.length);
    }
  });
  const names = template.map((of, step) => `t${of}_${step - first[of]!}`);
  const study: Study = {
    name: 'fake',
    description: 'made up',
    directory: '/nowhere',
    batch: { type: 'local', shell: '/bin/bash', args: {} },
    steps: templates.map((fake, index) => templateOf(fake, index)),
    parameters: [],
    hashWorkspaces: false,
  };
  const expansion: Expansion = {
    count: template.length,
    template: Uint32Array.from(template),
    combination: new Uint32Array(template.length),
    parents: Uint32Array.from(parents),
    parentsStart: Uint32Array.from(parentsStart),
    names,
    workspaces: names,
  };
  return { study, expansion, graph: buildGraph(study, expansion) };
}

function templateOf(
  { parents, funnels, restart, retry, resources, isScheduled }: FakeTemplate,
  index: number,
): StepTemplate {
  return {
    name: `t${index}`,
    description: 'made up',
    cmd: 'true',
    ...(restart === undefined ? {} : { restart }),
    ...(retry === undefined ? {} : { retry }),
    resources: resources ?? {},
    parents: parents ?? [],
    funnels: funnels ?? [],
    uses: [],
    isScheduled: isScheduled ?? false,
  };
}

/** As many untouched steps. */
export function freshSteps(count: number): StoredStep[] {
  return Array.from({ length: count }, () => ({
    state: 'INITIALIZED' as const,
    attempts: 0,
    retries: 0,
    restarts: 0,
    resubmissions: 0,
    notBefore: null,
    waitMs: null,
  }));
}
