import { quoteForShell } from '../../../shared/quote-for-shell.ts';
import type { Word } from './container-plan.ts';

/** A command line as text of a POSIX shell, in which nothing but the variables is anything but itself. */
export function shellText(words: readonly Word[]): string {
  return words.map(wordText).join(' ');
}

function wordText(word: Word): string {
  if (typeof word === 'string') return quoteForShell(word);
  return word
    .map((part) => (typeof part === 'string' ? quoteForShell(part) : `"$${part.variable}"`))
    .join('');
}
