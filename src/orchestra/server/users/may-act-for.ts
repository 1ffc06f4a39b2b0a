import { Refusal } from '../../refusal.ts';
import type { Actor } from '../actor.ts';

/**
 * Throws a Refusal unless this is the same user or an administrator. What an administrator changes for another
 * stands in the audit log under the administrator's name.
 */
export function mayActFor(actor: Actor, ownerName: string): void {
  if (actor.name === ownerName || actor.role === 'admin') return;
  throw new Refusal('forbidden', `this belongs to ${ownerName}, and you are ${actor.name}`);
}
