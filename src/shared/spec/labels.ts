/** The labels of values: the pattern with each `%%` replaced by the value. */
export function labelsOf(pattern: string, values: readonly string[]): string[] {
  return values.map((value) => pattern.replaceAll('%%', () => value));
}
