import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { suggestOr } from './suggest.ts';

/**
 * A specification with a million values is some 10 MiB long. What is longer than this is another file, or one
 * without an end such as a device, and would only fill the memory.
 */
const MAX_BYTES = 64 * 1024 * 1024;

/** The text of a file, or why there is none. */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly message: string; readonly mend: string };

/** Reads a file of UTF-8 text. Nothing that can be wrong with it is thrown. */
export function readText(file: string): FileText {
  let bytes: Buffer | 'too long';
  try {
    bytes = readBytes(file);
  } catch (error) {
    return explain(file, error as NodeJS.ErrnoException);
  }
  if (bytes === 'too long') {
    return problem(`the file is longer than ${MAX_BYTES / 1024 / 1024} MiB`, 'is it the right file?');
  }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return problem('the file is not UTF-8 text', 'save it as UTF-8, or check that it is the right file');
  }
}

const problem = (message: string, mend: string): FileText => ({ kind: 'problem', message, mend });

function readBytes(file: string): Buffer | 'too long' {
  const descriptor = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; total <= MAX_BYTES; ) {
      const chunk = Buffer.allocUnsafe(256 * 1024);
      const length = readSync(descriptor, chunk);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      total += length;
    }
    return 'too long';
  } finally {
    closeSync(descriptor);
  }
}

function explain(file: string, error: NodeJS.ErrnoException): FileText {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return problem('there is no such file', suggestOr(basename(file), neighbours(file), 'check the path'));
    case 'EISDIR':
      return problem('this is a directory', 'name the specification in it');
    case 'EACCES':
    case 'EPERM':
      return problem('the file may not be read', 'ask its owner for permission to read it');
    default:
      return problem(`the file cannot be read (${error.code ?? error.message})`, 'check the path');
  }
}

function neighbours(file: string): string[] {
  try {
    return readdirSync(dirname(file));
  } catch {
    return [];
  }
}
