/** How long a wait may take before the test fails, in milliseconds: far more than any of them needs. */
const BOUND_MS = 60_000;

/** Between two looks at what no notice tells of, such as the end of somebody else's process. */
const LOOK_MS = 10;

/**
 * Waits until a condition holds and answers what it answered. Throws once the bound is reached, saying what was
 * waited for and what `explain` knows about why it did not come.
 */
export async function until<Result>(
  what: string,
  condition: () => Result | undefined | false | Promise<Result | undefined | false>,
  explain: () => string = () => '',
): Promise<Result> {
  const deadline = performance.now() + BOUND_MS;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}\n${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
