import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { messageReader, type Message } from './server-sent.ts'

function read(...pieces: string[]): Message[] {
  const reader = messageReader()
  return pieces.flatMap((piece) => reader(piece))
}

for (const [why, text, expected] of [
  ['a message', 'id: 1\nevent: a\ndata: {}\n\n', [{ id: '1', event: 'a', data: '{}' }]],
  ['data over two lines', 'data: a\ndata: b\n\n', [{ event: 'message', data: 'a\nb' }]],
  ['a comment and a retry', ': heartbeat\n\nretry: 3000\n\n', []],
  ['no blank after the colon', 'event:a\ndata:x\n\n', [{ event: 'a', data: 'x' }]],
  ['an unfinished message', 'data: a\n', []],
  ['a field without a value', 'data\n\n', [{ event: 'message', data: '' }]],
  [
    'the id stays for the next message',
    'id: 7\ndata: a\n\ndata: b\n\n',
    [
      { id: '7', event: 'message', data: 'a' },
      { id: '7', event: 'message', data: 'b' },
    ],
  ],
] as const)
  test(`server-sent events: ${why}`, () => assert.deepEqual(read(text), expected))

test('server-sent events mean the same however they are cut, and with any line end', () => {
  const text = 'id: 1\nevent: a\ndata: one\ndata: two\n\n: beat\n\ndata: three\n\n'
  const whole = read(text)
  fc.assert(
    fc.property(
      fc.array(fc.nat(text.length * 2), { maxLength: 6 }),
      fc.constantFrom('\n', '\r', '\r\n'),
      (cuts, end) => {
        // A last CR waits for what follows it, as it must.
        const sent = `${text.replaceAll('\n', end)}: beat${end}`
        const at = [0, ...[...cuts].sort((a, b) => a - b), sent.length]
        const pieces = at.slice(1).map((to, index) => sent.slice(at[index], to))
        assert.deepEqual(read(...pieces), whole)
      },
    ),
    { seed: 1 },
  )
})
