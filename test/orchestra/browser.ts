import { execFileSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** What keeps Chromium from asking the network for anything but what a page asks for. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Why pages cannot be tried in a real browser on this machine; undefined if they can. Where MAESTRO_TEST_BROWSER
 * is `required` there must be one, and its absence is a failure of the tests.
 */
export function whyNoBrowser(): string | undefined {
  if (process.env.MAESTRO_TEST_BROWSER === 'required' || findChromium() !== undefined) return undefined;
  return 'left out, not tried in a real browser: chromium is not installed';
}

function findChromium(): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** Starts the machine's Chromium, without a window. Whoever starts it closes it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('chromium is not installed');
  return await chromium.launch({ executablePath, args: ARGUMENTS });
}
