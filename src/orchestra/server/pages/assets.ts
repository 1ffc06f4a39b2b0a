import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3457d5"/><path d="M8 23V9h2.6l5.4 8 5.4-8H24v14h-3.2v-8.3L16 21.5l-4.8-6.8V23z" fill="#fff"/></svg>`;

/** Their names change with their content, so that browsers may keep them for good. */
export const STYLE_PATH = `/assets/style-${hashOf(STYLE)}.css`;
export const SCRIPT_PATH = `/assets/live-${hashOf(SCRIPT)}.js`;
export const ICON_PATH = `/assets/icon-${hashOf(ICON)}.svg`;

/** Serves what the pages need beside themselves. All of it is the server's own. */
export function serveAssets(scope: FastifyInstance): void {
  for (const [path, type, text] of [
    [STYLE_PATH, 'text/css', STYLE],
    [SCRIPT_PATH, 'text/javascript', SCRIPT],
    [ICON_PATH, 'image/svg+xml', ICON],
  ] as const) {
    scope.get(path, { schema: { hide: true } as object }, async (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type(`${type}; charset=utf-8`)
        .send(text),
    );
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
