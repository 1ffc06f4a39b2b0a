import { UserError } from '../shared/errors.ts';
import { createQuestions } from './ask.ts';

/**
 * A new password: twice from a terminal, where a slip of the finger would lock its user out, or once from the
 * standard input where that is said to hold it. Throws a UserError where there is none to be had.
 */
export async function askNewPassword(
  name: string,
  { fromStdin }: { readonly fromStdin: boolean },
): Promise<string> {
  const mend = 'give the password as a line of the standard input, with --password-stdin';
  if (!fromStdin && !process.stdin.isTTY) throw new UserError('there is no terminal to ask on', mend);
  const questions = createQuestions(mend);
  try {
    const password = await questions.secret(`New password of ${name}:`);
    if (fromStdin || password === (await questions.secret('Once more:'))) return password;
    throw new UserError('the two passwords are not the same', 'try again');
  } finally {
    questions.close();
  }
}
