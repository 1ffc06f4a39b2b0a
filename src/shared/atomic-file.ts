import { dirname } from 'node:path';
import { type Files, systemFiles } from './files.ts';

/**
 * Replaces a file in one step: readers see the old text or the new one, never a part, and a full disk leaves
 * the old one in place.
 */
export function replaceFile(
  file: string,
  text: string,
  { durable = false, files = systemFiles }: { readonly durable?: boolean; readonly files?: Files } = {},
): void {
  const temporary = `${file}.${process.pid}.new`;
  try {
    files.write(temporary, text, { mode: 0o644, durable });
    files.rename(temporary, file);
    if (durable) files.syncDirectory(dirname(file));
  } catch (error) {
    files.remove(temporary);
    throw error;
  }
}
