/** Polls a question against the real world until it answers something; rejects with `what` and the last error. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 45_000,
  everyMs = 50,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end)
      throw new Error(`not within ${timeoutMs} ms: ${what}${last ? ` (${String(last)})` : ""}`, {
        cause: last,
      });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
