import type { Resources, SchedulerArgs } from '../spec/specification.ts';
import { combinationsOf } from './combinations.ts';
import { type Fill, type FillContext, prepareFill, type Scope } from './fill.ts';
import { scriptBase, stepDirectories } from './names.ts';
import { parameterTokens, scriptTokens, type Token, type Vocabulary, vocabularyOf } from './pieces.ts';
import type { StepText } from './script/step-text.ts';
import type { Expansion, StepTemplate, Study } from './study.ts';
import { mapArgs, mapResources } from './tokens.ts';

/** The texts of a template. */
interface PreparedStep {
  readonly description: Fill;
  readonly cmd: Fill;
  readonly restart: Fill | undefined;
  readonly resources: (scope: Scope) => Resources;
  readonly args: ((scope: Scope) => SchedulerArgs) | undefined;
}

interface PreparedStudy {
  readonly study: Study;
  /** The directory of each template, absolute. */
  readonly directories: readonly string[];
  readonly inScripts: Vocabulary;
  readonly inTexts: Vocabulary;
  readonly mayHoldTokens: (token: Token) => boolean;
  /** For each template its texts, once a step of it has been asked for. */
  readonly steps: (PreparedStep | undefined)[];
  /** For each template its step for each row of values, once its workspace has been asked for. */
  readonly stepOfRow: (Uint32Array | undefined)[];
}

/** A memory only: without it the same texts come out. It lives as long as the expansion. */
const prepared = new WeakMap<Expansion, PreparedStudy>();

/**
 * The text that the scripts of a step are made of: in its strings the tokens of parameters are replaced, in
 * `cmd` and `restart` those of workspaces too. The first call for an expansion prepares its templates; a call
 * after that costs little more than the characters it returns.
 */
export function stepText(study: Study, expansion: Expansion, step: number): StepText {
  const known = prepareStudy(study, expansion);
  const index = expansion.template[step]!;
  const template = study.steps[index]!;
  known.steps[index] ??= prepareStep(known, template);
  const texts = known.steps[index];
  const row = expansion.combination[step]!;
  const workspace = `${study.directory}/${expansion.workspaces[step]}`;
  const scope: Scope = {
    row,
    ownWorkspace: workspace,
    workspaceOf: (other) => workspaceOf(known, expansion, template, other, row),
  };
  const name = expansion.names[step]!;
  const baseName = scriptBase(study, expansion, step);
  return {
    name,
    baseName,
    jobName: study.hashWorkspaces ? baseName : name.replaceAll(' ', '_'),
    description: texts.description(scope),
    cmd: texts.cmd(scope),
    ...(texts.restart !== undefined && { restart: texts.restart(scope) }),
    resources: texts.resources(scope),
    ...(texts.args !== undefined && { args: texts.args(scope) }),
    workspace,
    isScheduled: template.isScheduled,
  };
}

function prepareStudy(study: Study, expansion: Expansion): PreparedStudy {
  const known = prepared.get(expansion);
  if (known?.study === study) return known;
  const { parameters, directory, steps } = study;
  const hasDollar = (text: string) => text.includes('$');
  const dollars = parameters.map(
    ({ name, values, labels }) => hasDollar(name) || values.some(hasDollar) || labels.some(hasDollar),
  );
  const names = steps.map((template) => template.name);
  const fresh: PreparedStudy = {
    study,
    directories: stepDirectories(study).map((relative) => `${directory}/${relative}`),
    inScripts: vocabularyOf(scriptTokens(parameters, names)),
    inTexts: vocabularyOf(parameterTokens(parameters)),
    mayHoldTokens: (token) => ('parameter' in token ? dollars[token.parameter]! : hasDollar(directory)),
    steps: [],
    stepOfRow: [],
  };
  prepared.set(expansion, fresh);
  return fresh;
}

function prepareStep(known: PreparedStudy, template: StepTemplate): PreparedStep {
  const context: FillContext = {
    parameters: known.study.parameters,
    uses: template.uses,
    mayHoldTokens: known.mayHoldTokens,
  };
  const script = (text: string) => prepareFill(text, known.inScripts, context);
  const plain = (text: string) => prepareFill(text, known.inTexts, context);
  return {
    description: plain(template.description),
    cmd: script(template.cmd),
    restart: template.restart === undefined ? undefined : script(template.restart),
    resources: prepareTexts(template.resources, mapResources, plain),
    args: template.args === undefined ? undefined : prepareTexts(template.args, mapArgs, plain),
  };
}

/** Most steps ask for the same in all combinations, and share one object. */
function prepareTexts<Texts extends Readonly<Record<string, string>>>(
  named: Texts,
  map: (named: Texts, change: (text: string) => string) => Texts,
  prepareText: (text: string) => Fill,
): (scope: Scope) => Texts {
  const texts = Object.values(named);
  if (!texts.some((text) => text.includes('$('))) return () => named;
  const fills = new Map(texts.map((text) => [text, prepareText(text)]));
  return (scope) => map(named, (text) => fills.get(text)!(scope));
}

/** Absolute: of a funnel parent the directory of all its combinations, else the workspace of the same one. */
function workspaceOf(
  known: PreparedStudy,
  expansion: Expansion,
  template: StepTemplate,
  other: number,
  row: number,
): string {
  if (template.funnels.includes(other)) return known.directories[other]!;
  known.stepOfRow[other] ??= stepsByRow(known.study, expansion, other);
  return `${known.study.directory}/${expansion.workspaces[known.stepOfRow[other][row]!]}`;
}

/** For each row of values the step that stands for it among those of one template. */
function stepsByRow(study: Study, expansion: Expansion, template: number): Uint32Array {
  const { ofRow, names } = combinationsOf(study.parameters, study.steps[template]!.uses);
  const stepOf = new Uint32Array(names.length);
  for (let step = 0; step < expansion.count; step++) {
    if (expansion.template[step] === template) stepOf[ofRow[expansion.combination[step]!]!] = step;
  }
  return ofRow.map((combination) => stepOf[combination]!);
}
