import { type Diagnostic, errorAt, warningAt } from './diagnostic.ts';
import { shorten } from './naming.ts';
import type { Parameter, Specification } from './specification.ts';

/** Lists of values and labels that do not fit each other. */
export function checkParameters(specification: Specification): Diagnostic[] {
  const [first] = specification.parameters;
  return specification.parameters.flatMap((parameter) => [
    ...checkLength(specification, parameter, first ?? parameter),
    ...checkLabels(specification, parameter),
  ]);
}

function checkLength({ locate }: Specification, { key, values }: Parameter, first: Parameter): Diagnostic[] {
  if (values.length === 0 || values.length === first.values.length) return [];
  return [
    errorAt(
      locate(['global.parameters', key, 'values']),
      `parameter '${key}' has ${count(values, 'value')}, but '${first.key}' has ${first.values.length}`,
      'give all parameters the same number of values: combination i takes the i-th of each',
    ),
  ];
}

function checkLabels({ locate }: Specification, { key, values, labels }: Parameter): Diagnostic[] {
  const at = locate(['global.parameters', key, 'label']);
  if (labels.length !== values.length) {
    if (values.length === 0 || labels.length === 0) return [];
    const message = `parameter '${key}' has ${count(labels, 'label')} for ${count(values, 'value')}`;
    return [errorAt(at, message, 'give each value one label')];
  }
  const valueByLabel = new Map<string, string>();
  for (const [i, label] of labels.entries()) {
    const value = values[i] ?? '';
    const before = valueByLabel.get(label);
    if (before === undefined) valueByLabel.set(label, value);
    else if (before !== value && label !== '') {
      const pair = `'${shorten(before)}' and '${shorten(value)}'`;
      const message = `values ${pair} of parameter '${key}' have the same label '${shorten(label)}'`;
      const place = locate(['global.parameters', key, 'label', i]);
      return [warningAt(place, message, 'put %% in the label, or steps run for the first value only')];
    }
  }
  return [];
}

function count(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
}
