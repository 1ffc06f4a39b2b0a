import { Refusal } from '../../refusal.ts';

/** The fields of a form as it came: whoever wrote it may have left some out, or given them twice. */
export type Form = Readonly<Record<string, unknown>>;

/** A field that has to be there. Throws a Refusal where it is not, or stands there more than once. */
export function field(form: Form, name: string): string {
  const text = optionalField(form, name);
  if (text === undefined) throw new Refusal('bad-request', `the field ${name} is missing`);
  return text;
}

/** A field that may be absent. Throws a Refusal where it stands there more than once. */
export function optionalField(form: Form, name: string): string | undefined {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new Refusal('bad-request', `the field ${name} must stand in the form once, as text`);
}

/** A truth value as Python prints it; absent or empty: false. Throws a Refusal for anything else. */
export function truthField(form: Form, name: string): boolean {
  const text = optionalField(form, name) ?? '';
  if (/^(?:true|1)$/i.test(text)) return true;
  if (/^(?:false|0|none|)$/i.test(text)) return false;
  throw new Refusal('bad-request', `the field ${name} must be True or False`);
}

/** A number; absent, empty or None: 0. Throws a Refusal for anything else. */
export function numberField(form: Form, name: string): number {
  const text = (optionalField(form, name) ?? '').trim();
  const value = /^(?:none)?$/i.test(text) ? 0 : Number(text);
  if (Number.isFinite(value)) return value;
  throw new Refusal('bad-request', `the field ${name} must be a number`);
}
