import assert from 'node:assert/strict';

/** Registers a user as a browser does it: the page is fetched, its form is filled in, and sent with its cookies. */
export async function register(
  server: string,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<void> {
  const address = `${server}/admin/register`;
  const page = await fetch(address);
  const form = /<form[^>]*>(?:(?!<\/form>)[\s\S])*type="?password[\s\S]*?<\/form>/.exec(
    await page.text(),
  )?.[0];
  assert.ok(form !== undefined, `${address} has a form`);
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const attribute = (key: string): string => new RegExp(`\\b${key}="([^"]*)"`).exec(input)?.[1] ?? '';
    const known: Readonly<Record<string, string>> = { password, email: `${name}@example.org`, text: name };
    fields.set(attribute('name'), known[attribute('type') || 'text'] ?? attribute('value'));
  }
  const cookies = page.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  const answer = await fetch(new URL(/\baction="([^"]*)"/.exec(form)?.[1] ?? '', address), {
    method: 'POST',
    headers: { cookie: cookies.join('; '), origin: new URL(server).origin },
    body: fields,
  });
  assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
}
