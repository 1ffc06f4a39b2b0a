import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Replaces a file in one step: readers see the old text or the new one, never a part, and a full disk leaves
 * the old one in place.
 */
export function replaceFile(file: string, text: string, options: { readonly durable?: boolean } = {}): void {
  const temporary = `${file}.${process.pid}.new`;
  try {
    const descriptor = openSync(temporary, 'w', 0o644);
    try {
      writeFileSync(descriptor, text);
      if (options.durable === true) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
