import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ClusterConfig } from '../config/config.ts';

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The certificate that a configuration names; undefined for one without TLS. Throws what reading files throws. */
export function readCertificate(
  { server: { tls } }: ClusterConfig,
  dataDirectory: string,
): Certificate | undefined {
  if (tls === undefined) return undefined;
  return {
    cert: readFileSync(resolve(dataDirectory, tls.cert)),
    key: readFileSync(resolve(dataDirectory, tls.key)),
  };
}
