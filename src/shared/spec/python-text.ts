import type { Scalar, Tree } from './tree.ts';

/**
 * The text of a value as Python's `str` prints it: the text that replaces a token and stands in labels,
 * workspaces and scheduler headers. Users' scripts look for `True`, `None` and `1e-07`, so these stay.
 */
export function pythonText(tree: Tree): string {
  return tree.kind === 'text' ? tree.text : pythonRepr(tree);
}

/** The text of a value as Python's `repr` prints it, as inside a list. */
export function pythonRepr(tree: Tree): string {
  switch (tree.kind) {
    case 'list':
      return `[${tree.items.map((item) => pythonRepr(item.value)).join(', ')}]`;
    case 'mapping': {
      const entries = [...tree.entries.values()];
      return `{${entries.map(({ key, value }) => `${scalarRepr(key)}: ${pythonRepr(value)}`).join(', ')}}`;
    }
    default:
      return scalarRepr(tree);
  }
}

function scalarRepr(scalar: Scalar): string {
  switch (scalar.kind) {
    case 'text':
      return textRepr(scalar.text);
    case 'integer':
      return scalar.value.toString();
    case 'float':
      return floatText(scalar.value);
    case 'boolean':
      return scalar.value ? 'True' : 'False';
    case 'null':
      return 'None';
  }
}

/** The shortest digits that read back as the same number, with an exponent below 1e-4 and from 1e16 on. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '0', power = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const padded = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${padded}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** All that Python does not print as it is: controls, unassigned code points, and every separator but the space. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = '';
  for (const character of text) {
    if (character === quote) body += `\\${quote}`;
    else if (character === ' ') body += character;
    else body += ESCAPES[character] ?? (UNPRINTABLE.test(character) ? escapeCode(character) : character);
  }
  return quote + body + quote;
}

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
