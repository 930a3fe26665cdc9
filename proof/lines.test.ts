import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { linesOf } from './lines.ts'

// eslint-disable-next-line @typescript-eslint/require-await -- pieces come asynchronously where they are read
async function* pieces(all: readonly string[]) {
  yield* all
}

test('lines end with line feeds and nothing else, however the text is cut', async () => {
  const part = fc.constantFrom('a', '\n', '\r\n', '\u2028', '\u2029', '\u0085', 'ü', '')
  await fc.assert(
    fc.asyncProperty(fc.array(part), async (all) => {
      const found: string[] = []
      for await (const line of linesOf(pieces(all))) found.push(line)
      const expected = all.join('').split('\n')
      if (expected.at(-1) === '') expected.pop()
      assert.deepEqual(
        found,
        expected.map((line) => line.replace(/\r$/, '')),
      )
    }),
  )
})
