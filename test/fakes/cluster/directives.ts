/**
 * The options in a job script's header, each as its words: `#BSUB -J "a b"` is `['-J', 'a b']`. The header ends at
 * the first command.
 */
export function directivesOf(script: string, mark: '#BSUB' | '#PBS'): string[][] {
  const directives: string[][] = [];
  for (const line of script.split('\n')) {
    if (line.startsWith(`${mark} `)) directives.push(wordsOf(line.slice(mark.length)));
    else if (line !== '' && !line.startsWith('#')) break;
  }
  return directives;
}

const WORD = /"((?:[^"\\]|\\.)*)"|([^\s"]+)/g;

function wordsOf(text: string): string[] {
  return [...text.matchAll(WORD)].map(([, quoted, bare]) => bare ?? quoted!.replace(/\\(.)/g, '$1'));
}

/** The options of all directives; a later one stands in place of an earlier one. */
export function headerOptions(
  directives: readonly (readonly string[])[],
  flags: ReadonlySet<string>,
): [name: string, value: string][] {
  return directives.flatMap((words) => [...optionsOf(words, flags).options]);
}

/** Options by their names, from a list of words in which those named in `flags` stand alone. */
export function optionsOf(
  words: readonly string[],
  flags: ReadonlySet<string>,
): { readonly options: ReadonlyMap<string, string>; readonly operands: readonly string[] } {
  const options = new Map<string, string>();
  let at = 0;
  for (; at < words.length && words[at]!.startsWith('-'); at++) {
    const name = words[at]!.slice(1);
    options.set(name, flags.has(name) ? '' : (words[++at] ?? ''));
  }
  return { options, operands: words.slice(at) };
}
