/**
 * Brings a page that is looked at up to date: fetches it again and puts in what has changed, unless the reader is
 * in the midst of it. Without it, the page is brought up to date by loading it again.
 */
export const SCRIPT = `'use strict';
const EVERY_MS = 3000;
const here = () => document.querySelector('[data-live]');
async function refresh() {
  const element = here();
  const selection = String(getSelection());
  if (document.hidden || selection !== '' || element.contains(document.activeElement)) return true;
  const answer = await fetch(location.href, { credentials: 'same-origin', redirect: 'manual' });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('[data-live]');
  if (fresh === null) return false;
  if (fresh.innerHTML !== element.innerHTML) element.replaceWith(fresh);
  return true;
}
function again() {
  setTimeout(() => refresh().then((goesOn) => goesOn && again(), again), EVERY_MS);
}
again();
`;
