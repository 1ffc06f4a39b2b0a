/** Reads CSV by RFC 4180. Throws where the text is none: a quote that is not closed, rows of unequal width. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  for (;;) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`no CSV from character ${at} on: ${text.slice(at, at + 80)}`);
    const [, field = '', end] = match;
    rows.at(-1)!.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  const [width] = rows.map(({ length }) => length);
  if (rows.some(({ length }) => length !== width)) throw new Error(`rows of unequal width in ${text}`);
  return rows;
}
