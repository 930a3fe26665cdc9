import assert from 'node:assert/strict'

/** Waits for a condition that I/O brings about. Fails after `withinMs` with `what` never happened. */
export async function until(
  condition: () => boolean,
  what: string,
  withinMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    assert.ok(performance.now() < deadline, `never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
