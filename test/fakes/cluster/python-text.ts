/** A float as Python prints it: never without a point. */
function pythonFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** JSON as Python's json.dumps writes it; `floats` are the keys whose numbers are floats. */
export function pythonJson(value: unknown, floats: ReadonlySet<string> = new Set(), key = ''): string {
  if (typeof value === 'number') return floats.has(key) ? pythonFloat(value) : String(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, floats)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([name, item]) => `${ascii(name)}: ${pythonJson(item, floats, name)}`).join(', ')}}`;
  }
  return typeof value === 'string' ? ascii(value) : JSON.stringify(value);
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A truth value, a float or a text as Python's format() writes it. */
export function pythonFormat(value: unknown, isFloat: boolean): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' && isFloat ? pythonFloat(value) : String(value);
}
