import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { AT_CONSOLE } from '../../../../src/orchestra/server/operation/audited.ts';
import { changeUser } from '../../../../src/orchestra/server/users/change-user.ts';
import { startBrowser, whyNoBrowser } from '../../browser.ts';
import { servedCluster } from '../../served-cluster.ts';

/** Goes on with the key Tab until what is in focus has this name, as who has no mouse does. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let key = 0; key < 60; key++) {
    await page.keyboard.press('Tab');
    const text = await page.evaluate<string>(
      `(document.activeElement?.labels?.[0] ?? document.activeElement)?.textContent ?? ''`,
    );
    const focused = text.replace(/\s+/g, ' ').trim();
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
  }
  assert.fail(`Tab does not lead to ${name}`);
}

/** Fills in a field that Tab leads to. */
async function fill(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, label);
  await page.keyboard.type(text);
}

/** Types where the page has put the cursor, once it has: that comes after the page itself. */
async function typeAtCursor(page: Page, text: string): Promise<void> {
  await page.locator('input:focus').waitFor();
  await page.keyboard.type(text);
}

/** Presses Enter on what Tab leads to, and waits for the page that comes. */
async function follow(page: Page, name: string | RegExp, path: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await Promise.all([page.waitForURL(path), page.keyboard.press('Enter')]);
}

async function heading(page: Page): Promise<string> {
  return (await page.locator('h1').textContent())?.trim() ?? '';
}

describe('the pages in a browser', { skip: whyNoBrowser() ?? false }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  /** A browser's window of its own, in which whatever goes wrong is noted. */
  async function open(t: TestContext, options: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(options);
    t.after(() => context.close());
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
    });
    page.on('pageerror', (error) => troubles.push(String(error)));
    return { page, troubles };
  }

  it('lead from registering to one’s own pages by the keyboard alone, without scripts', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada', { role: 'admin' });
    const { page, troubles } = await open(t, { javaScriptEnabled: false });
    await page.goto(server.url);
    assert.equal(await heading(page), 'Log in');
    await page.close();
    const bob = (await open(t)).page;
    await bob.goto(server.url);
    await follow(bob, 'Register', '**/admin/register');
    // The cursor stands in the first field.
    await typeAtCursor(bob, 'bob');
    await fill(bob, 'E-mail', 'bob@example.org');
    await fill(bob, 'Password', 'battery staple');
    await fill(bob, 'Password, once more', 'battery staple');
    await bob.keyboard.press('Enter');
    await bob.getByRole('heading', { name: 'You are registered' }).waitFor();

    const ada = await open(t);
    await ada.page.goto(`${server.url}/admin`);
    await typeAtCursor(ada.page, 'ada');
    await fill(ada.page, 'Password', 'password of ada');
    await Promise.all([ada.page.waitForURL('**/admin'), ada.page.keyboard.press('Enter')]);
    await tabTo(ada.page, /^Activate bob$/);
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('Waiting to be activated').waitFor({ state: 'detached' });

    await bob.goto(`${server.url}/datasets`);
    assert.equal(await heading(bob), 'Log in');
    await typeAtCursor(bob, 'bob');
    await fill(bob, 'Password', 'battery staple');
    await Promise.all([bob.waitForURL('**/datasets'), bob.keyboard.press('Enter')]);
    assert.equal(await heading(bob), 'Datasets');
    await follow(bob, 'bob', '**/account');
    await follow(bob, 'Log out', '**/login');
    assert.deepEqual([...troubles, ...ada.troubles], []);
  });

  it('show at once what has changed, and leave alone who is at work on them', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada', { role: 'admin' });
    const { page, troubles } = await open(t);
    await page.goto(`${server.url}/admin`);
    await typeAtCursor(page, 'ada');
    await fill(page, 'Password', 'password of ada');
    await Promise.all([page.waitForURL('**/admin'), page.keyboard.press('Enter')]);
    await server.addUser('bob', { state: 'registered' });
    await page.getByRole('button', { name: 'Activate bob' }).waitFor();
    changeUser(server.cluster, AT_CONSOLE, 'bob', { state: 'active' });
    await page.getByRole('button', { name: 'Activate bob' }).waitFor({ state: 'detached' });
    assert.deepEqual(troubles, []);
  });

  it('fit a phone, and a reader who prefers the dark', async (t) => {
    const server = await servedCluster(t);
    await server.addUser('ada', { role: 'admin', email: 'ada.of.a.long.name@department.example.org' });
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, troubles } = await open(t, { viewport: { width: 360, height: 740 }, colorScheme });
      await page.goto(`${server.url}/datasets`);
      await typeAtCursor(page, 'ada');
      await fill(page, 'Password', 'password of ada');
      await Promise.all([page.waitForURL('**/datasets'), page.keyboard.press('Enter')]);
      for (const path of ['/datasets', '/account', '/admin', '/admin/users', '/admin/users/ada']) {
        await page.goto(server.url + path);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        assert.ok(width <= 360, `${path} is ${width} wide`);
        const [red = 0] = background.match(/\d+/g)?.map(Number) ?? [];
        assert.equal(red < 100, colorScheme === 'dark', background);
      }
      assert.deepEqual(troubles, []);
    }
  });
});
