import { html } from './html.ts';
import type { Page } from './layout.ts';

/** What cannot be taken back, and how it is done all the same. */
export interface Confirmation {
  /** A question. */
  readonly title: string;
  /** What is gone then, in a sentence. */
  readonly consequence: string;
  /** Where the form is sent to. */
  readonly action: string;
  readonly label: string;
  /** Where who does not want it goes back to. */
  readonly back: string;
}

/** Asks once more, before what cannot be taken back. */
export function confirmPage({ title, consequence, action, label, back }: Confirmation): Page {
  return {
    title,
    isNarrow: true,
    main: (forms) => html`<div class="card"><p>${consequence}</p>
<div class="row">${forms.button(action, label, { kind: 'danger' })} <a href="${back}">No, go back</a></div></div>`,
  };
}
