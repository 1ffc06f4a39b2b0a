/**
 * Help as paragraphs: the lines of one in the source become one line, which the terminal then wraps to its own
 * width. Empty lines part paragraphs, and a line that begins with `- ` is an item of a list.
 */
export function prose(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts.raw }, ...values)
    .trim()
    .replace(/(?<!\n)\n(?!\n|- )/g, ' ');
}
