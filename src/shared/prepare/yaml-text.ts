/** Words that readers of YAML 1.1 or 1.2 take for something other than text. */
const WORDS = /^(?:y|yes|n|no|on|off|true|false|null)$/i;

/** Text that no reader of YAML takes for anything else; what else there is gets quotes. */
const PLAIN = /^[A-Za-z_$/][-A-Za-z0-9_$/().+@=]*$/;

/** What JSON leaves as it is and YAML does not allow in quotes. */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff]/g;

/** Readers look this far for the colon that makes a text a key. */
const LONGEST_KEY = 1000;

/** A text as a scalar of YAML 1.1 and 1.2 that reads back as that text. */
export function yamlText(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(UNPRINTABLE, escaped);
}

/** A text as the key of a mapping, with its colon: `name:`. Its value follows after a space or a line break. */
export function yamlKey(text: string): string {
  const key = yamlText(text);
  return key.length <= LONGEST_KEY ? `${key}:` : `? ${key}\n:`;
}

/**
 * A text that Python has printed, as the value that it was: what reads as a number, a boolean or None is written
 * as one, so that programs which read the file can count with it.
 */
export function yamlValue(printed: string): string {
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(printed)) return printed;
  // Readers of YAML 1.1 want a point in what has an exponent.
  const float = /^(-?\d)(\.\d+)?(e[-+]\d+)$/.exec(printed);
  if (float !== null) return `${float[1]}${float[2] ?? '.0'}${float[3]}`;
  if (printed === 'True' || printed === 'False') return printed.toLowerCase();
  return printed === 'None' ? 'null' : yamlText(printed);
}

/** A list of texts on one line. */
export function yamlList(texts: readonly string[]): string {
  return `[${texts.map(yamlText).join(', ')}]`;
}
