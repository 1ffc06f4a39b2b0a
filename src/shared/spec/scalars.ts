/** What a scalar of the specification is. Integers keep all their digits. */
export type ScalarValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' };

// The forms that users' specifications have always been read by. They are narrower than YAML 1.1 on paper: an
// exponent needs a dot and a sign (`1e3` and `1.0e3` are text), and of the single letters none is a boolean.
const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const BINARY = /^[-+]?0b_*[01][01_]*$/;
const OCTAL = /^[-+]?0[0-7_]+$/;
const DECIMAL = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const HEXADECIMAL = /^[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*$/;
const BASE_60 = /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/;
const FLOAT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
const FLOAT_BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

/** What a plain (unquoted) scalar means by the YAML 1.1 that specifications are written in. */
export function readPlainScalar(source: string): ScalarValue {
  if (NULL.test(source)) return { kind: 'null' };
  if (TRUE.test(source)) return { kind: 'boolean', value: true };
  if (FALSE.test(source)) return { kind: 'boolean', value: false };
  const integer = readInteger(source);
  if (integer !== undefined) return { kind: 'integer', value: integer };
  const float = readFloat(source);
  if (float !== undefined) return { kind: 'float', value: float };
  return { kind: 'text', text: source };
}

function readInteger(source: string): bigint | undefined {
  if (!/^[-+0-9]/.test(source)) return undefined;
  const [sign, digits] = splitSign(source.replaceAll('_', ''));
  const signed = (value: bigint): bigint => (sign < 0 ? -value : value);
  if (BINARY.test(source) || HEXADECIMAL.test(source)) return signed(BigInt(digits));
  if (OCTAL.test(source)) return signed(BigInt(`0o${digits}`));
  if (DECIMAL.test(source)) return signed(BigInt(digits));
  if (BASE_60.test(source)) {
    return signed(digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n));
  }
  return undefined;
}

function readFloat(source: string): number | undefined {
  if (!/^[-+0-9.]/.test(source)) return undefined;
  const [sign, digits] = splitSign(source.replaceAll('_', ''));
  if (FLOAT.test(source)) return sign * Number(digits);
  if (FLOAT_BASE_60.test(source)) {
    return sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  }
  if (INFINITE.test(source)) return sign * Number.POSITIVE_INFINITY;
  return NOT_A_NUMBER.test(source) ? Number.NaN : undefined;
}

function splitSign(digits: string): [sign: 1 | -1, digits: string] {
  if (digits.startsWith('-')) return [-1, digits.slice(1)];
  return [1, digits.startsWith('+') ? digits.slice(1) : digits];
}
