import stringWidth from 'string-width';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** How many columns of a terminal a text without escape sequences takes. */
export function widthOf(text: string): number {
  // Nearly every cell of a large study is ASCII, and there are hundreds of thousands of them.
  return PRINTABLE_ASCII.test(text) ? text.length : stringWidth(text);
}

/** A text filled with spaces to a width. */
export function padTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** A text that fits a width, its end replaced by `…` where it does not. */
export function truncateTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width <= 0 ? '' : `${leading(text, width - 1)}…`;
}

/**
 * Breaks a text into lines of at most `width` columns: behind a separator where there is one in the second
 * half of a line, else wherever the line is full.
 */
export function wrapTo(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > width) {
    const full = leading(rest, Math.max(1, width)) || firstCharacter(rest);
    const line = rest[full.length] === ' ' ? full : upToSeparator(full);
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  if (rest !== '' || lines.length === 0) lines.push(rest);
  return lines;
}

function upToSeparator(line: string): string {
  const end = Math.max(...[' ', '/', '_', '.', ':', '-'].map((separator) => line.lastIndexOf(separator))) + 1;
  return end >= line.length / 2 ? line.slice(0, end) : line;
}

/** As many whole characters from the start as fit the width. */
function leading(text: string, width: number): string {
  if (PRINTABLE_ASCII.test(text)) return text.slice(0, width);
  let taken = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (widthOf(taken + segment) > width) break;
    taken += segment;
  }
  return taken;
}

function firstCharacter(text: string): string {
  const [first] = new Intl.Segmenter().segment(text);
  return first?.segment ?? text;
}

/** A text on one line: control characters, which could move the cursor or worse, become `�`. */
export function printable(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(/\p{Cc}/gu, '�');
}
