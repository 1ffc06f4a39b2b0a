import { refuseIfInUse } from '../shared/prepare/directory.ts';
import type { CheckedStudy } from '../shared/prepare/prepare.ts';
import type { Questions } from './ask.ts';
import { stepsText } from './render/overview.ts';

/** How the user wants questions answered. */
export type Answer = 'ask' | 'yes' | 'no';

/**
 * Whether the user wants an existing study overwritten, if there is one, and the new one launched; a dry run
 * launches nothing. Throws a UserError before any question where overwriting is out of the question.
 */
export async function hasConsent(
  checked: CheckedStudy,
  answer: Answer,
  questions: Questions,
): Promise<boolean> {
  const { directory, exists, study, expansion, request } = checked;
  const ask = async (question: string) => (answer === 'ask' ? questions.confirm(question) : answer === 'yes');
  if (exists !== 'nothing') refuseIfInUse(checked);
  if (exists === 'a study' && !(await ask(`${directory} holds a study. Overwrite it?`))) return false;
  return request.dry || ask(`${study.name}, ${stepsText(expansion.count)}. Launch it?`);
}
