import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame, Parsed } from './frame.ts'
import {
  answerToUnreadable,
  callText,
  errorText,
  parseFrame,
  resultErrorText,
  resultText,
  sendText,
} from './frame.ts'
import type { Version } from './versions.ts'
import type { ViolationKind } from './violation.ts'

function kinds(parsed: Parsed): ViolationKind[] {
  return parsed.violations.map((violation) => violation.kind)
}

function frameOf(text: string, version: Version = '1.6'): Frame {
  const parsed = parseFrame(text, version)
  assert.ok(parsed.ok, text)
  return parsed.frame
}

const heartbeat: Frame = { type: 'call', id: 'a', action: 'Heartbeat', payload: {} }

test('frames as the specification has them are read without a violation', () => {
  const good: readonly [string, Version, Frame][] = [
    ['[2,"a","Heartbeat",{}]', '1.6', heartbeat],
    [
      '[3,"a",{"status":"Accepted"}]',
      '1.6',
      { type: 'result', id: 'a', payload: { status: 'Accepted' } },
    ],
    [
      '[4,"a","NotSupported","no",{"x":1}]',
      '2.0.1',
      { type: 'error', id: 'a', code: 'NotSupported', description: 'no', details: { x: 1 } },
    ],
    [
      '[5,"a","FormatViolation","no",{}]',
      '2.1',
      { type: 'result-error', id: 'a', code: 'FormatViolation', description: 'no', details: {} },
    ],
    [
      '[6,"a","NotifyPeriodicEventStream",{"id":1}]',
      '2.1',
      { type: 'send', id: 'a', action: 'NotifyPeriodicEventStream', payload: { id: 1 } },
    ],
    ['[2,"a","NoSuchAction",{}]', '1.6', { ...heartbeat, action: 'NoSuchAction' }],
  ]
  for (const [text, version, frame] of good)
    assert.deepEqual(parseFrame(text, version), { ok: true, frame, violations: [] }, text)
})

const understood: readonly [what: string, text: string, frame: Frame, kind: ViolationKind][] = [
  ['a message type as text', '["2","a","Heartbeat",{}]', heartbeat, 'malformed-envelope'],
  ['no payload', '[2,"a","Heartbeat"]', heartbeat, 'malformed-envelope'],
  ['a null payload', '[2,"a","Heartbeat",null]', heartbeat, 'malformed-envelope'],
  ['an array for a payload', '[2,"a","Heartbeat",[]]', heartbeat, 'malformed-envelope'],
  ['a wrapped payload', '[2,"a","Heartbeat",[{}]]', heartbeat, 'malformed-envelope'],
  ['a fifth element', '[2,"a","Heartbeat",{},{}]', heartbeat, 'malformed-envelope'],
  ['an action in lower case', '[2,"a","heartbeat",{}]', heartbeat, 'unknown-action'],
  ['an action with spaces around it', '[2,"a"," Heartbeat ",{}]', heartbeat, 'unknown-action'],
  ['a number for an id', '[2,17,"Heartbeat",{}]', { ...heartbeat, id: '17' }, 'message-id'],
  [
    'a huge number for an id',
    '[2,92233720368547758070,"Heartbeat",{}]',
    { ...heartbeat, id: '92233720368547758070' },
    'message-id',
  ],
  ['an empty id', '[2,"","Heartbeat",{}]', { ...heartbeat, id: '' }, 'message-id'],
  [
    'an id of 37 characters',
    `[2,"${'i'.repeat(37)}","Heartbeat",{}]`,
    { ...heartbeat, id: 'i'.repeat(37) },
    'message-id',
  ],
  ['a byte order mark', '\uFEFF[2,"a","Heartbeat",{}]', heartbeat, 'malformed-json'],
  ['a NUL at the end', '[2,"a","Heartbeat",{}]\u0000', heartbeat, 'malformed-json'],
  ['a second frame behind it', '[2,"a","Heartbeat",{}][2,"b"', heartbeat, 'malformed-json'],
  ['a comma too many', '[2,"a","Heartbeat",{},]', heartbeat, 'malformed-json'],
  ['no brackets at the end', '[2,"a","Heartbeat",{}', heartbeat, 'malformed-json'],
  ['a bracket too many', '[2,"a","Heartbeat",{}}]', heartbeat, 'malformed-json'],
  ['a key of prototypes', '[2,"a","Heartbeat",{"__proto__":{"b":1}}]', heartbeat, 'malformed-json'],
  ['a hidden one', '[2,"a","Heartbeat",{"\\u005f_proto__":1}]', heartbeat, 'malformed-json'],
  [
    'a constructor',
    '[2,"a","Heartbeat",{"constructor":{"prototype":{}}}]',
    heartbeat,
    'malformed-json',
  ],
  [
    'error details as text',
    '[4,"a","InternalError","oops","trace"]',
    { type: 'error', id: 'a', code: 'InternalError', description: 'oops', details: 'trace' },
    'malformed-envelope',
  ],
  [
    'an error without description and details',
    '[4,"a","InternalError"]',
    { type: 'error', id: 'a', code: 'InternalError', description: '', details: {} },
    'malformed-envelope',
  ],
]
for (const [what, text, frame, kind] of understood)
  test(`a frame with ${what} is understood and recorded`, () => {
    const parsed = parseFrame(text, '1.6')
    assert.deepEqual(parsed.ok && parsed.frame, frame)
    assert.ok(kinds(parsed).every((found) => found === kind) && kinds(parsed).length > 0)
  })

test('integers beyond 2^53 stay exact, everything else stays a number', () => {
  const text =
    '[2,"a","X",{"a":9223372036854775807,"b":-9007199254740993,"c":9007199254740991,"d":1e20,"e":0.1234567890123456789}]'
  assert.deepEqual(frameOf(text), {
    type: 'call',
    id: 'a',
    action: 'X',
    payload: {
      a: 9223372036854775807n,
      b: -9007199254740993n,
      c: 9007199254740991,
      d: 1e20,
      e: 0.12345678901234568,
    },
  })
})

test('a number that no integer of ours holds comes as text', () => {
  const digits = '9'.repeat(5000)
  const frame = frameOf(`[2,"a","X",{"a":1e400,"b":${digits}}]`)
  assert.deepEqual('payload' in frame && frame.payload, { a: '1e400', b: digits })
})

test('NUL characters and half surrogate pairs are taken out, whole pairs stay', () => {
  const parsed = parseFrame(
    '[2,"a","X",{"a":"x\\u0000y","b":"\\ud800z","c":"\\ud83d\\ude00"}]',
    '1.6',
  )
  assert.deepEqual(parsed.ok && 'payload' in parsed.frame && parsed.frame.payload, {
    a: 'xy',
    b: '\uFFFDz',
    c: '😀',
  })
  assert.deepEqual(kinds(parsed), ['malformed-json', 'malformed-json'])
})

test('members of prototypes never reach a prototype', () => {
  for (const end of ['', ',']) {
    const frame = frameOf(`[2,"a","X",{"a":{"__proto__":{"admin":true}}${end}}]`)
    assert.equal(
      (Object.assign({}, 'payload' in frame && frame.payload) as Record<string, unknown>)['admin'],
      undefined,
    )
    assert.equal(({} as Record<string, unknown>)['admin'], undefined)
  }
})

const unreadable: readonly [text: string, version: Version, answer: string | undefined][] = [
  ['', '1.6', undefined],
  ['', '2.0.1', '[4,"-1","RpcFrameworkError","an empty frame",{}]'],
  ['hello', '1.6', undefined],
  ['hello', '2.1', '[4,"-1","RpcFrameworkError","not JSON",{}]'],
  ['{"a":1}', '1.6', undefined],
  ['{"a":1}', '2.0.1', '[4,"-1","RpcFrameworkError","the frame is no JSON array",{}]'],
  ['[]', '2.0.1', '[4,"-1","RpcFrameworkError","the frame is an empty array",{}]'],
  ['[9,"x","Heartbeat",{}]', '1.6', undefined],
  [
    '[9,"x"]',
    '2.0.1',
    '[4,"x","MessageTypeNotSupported","message type 9 does not exist in OCPP 2.0.1",{}]',
  ],
  [
    '[6,"x","A",{}]',
    '2.0.1',
    '[4,"x","MessageTypeNotSupported","message type 6 does not exist in OCPP 2.0.1",{}]',
  ],
  ['[5,"x","A","",{}]', '1.6', undefined],
  ['[2,{},"Heartbeat",{}]', '1.6', undefined],
  [
    '[2,{},"Heartbeat",{}]',
    '2.0.1',
    '[4,"-1","RpcFrameworkError","the frame cannot be answered",{}]',
  ],
  ['[2,"x"]', '1.6', '[4,"x","FormationViolation","the action is missing or no text",{}]'],
  ['[2,"x",5,{}]', '2.1', '[4,"x","FormatViolation","the action is missing or no text",{}]'],
  ['[2,"x","Heartbeat",{"a":b}]', '1.6', '[4,"x","FormationViolation","not JSON",{}]'],
  ['[2,17,"Heartbeat",{"a":b}]', '2.0.1', '[4,"17","FormatViolation","not JSON",{}]'],
  ['[3,"x",{"a":b}]', '2.0.1', undefined],
  ['[3,"x",{"a":b}]', '2.1', '[5,"x","FormatViolation","not JSON",{}]'],
  ['[3,{},{}]', '2.1', undefined],
  ['[4,"x",{"a":b}]', '2.1', undefined],
  ['[6,"x",{"a":b}]', '2.1', undefined],
]
for (const [text, version, answer] of unreadable)
  test(`${JSON.stringify(text)} on ${version} is answered ${answer ?? 'with silence'}`, () => {
    const parsed = parseFrame(text, version)
    assert.ok(!parsed.ok && parsed.violations.length > 0)
    assert.equal(answerToUnreadable(version, parsed), answer)
  })

test('an id beyond all measure is not repeated in an answer', () => {
  const text = `[2,"${'i'.repeat(600)}","Heartbeat",{}]`
  const parsed = parseFrame(text, '2.0.1')
  assert.ok(!parsed.ok && parsed.id === undefined && parsed.action === 'Heartbeat')
  assert.match(answerToUnreadable('2.0.1', parsed) ?? '', /^\[4,"-1","RpcFrameworkError"/)
})

test('hostile frames end quickly, without overflowing the stack', { timeout: 20_000 }, () => {
  const n = 300_000
  const hostile = [
    '['.repeat(n),
    '['.repeat(n) + ']'.repeat(n),
    `[2,"a","Authorize",${'{"a":'.repeat(n)}1${'}'.repeat(n)}]`,
    `[2,"a","Authorize",{"a":${'['.repeat(n)}`,
    `[2,"a","Authorize",{"a":12345678901234567890,"b":${'['.repeat(n)}${']'.repeat(n)}}]`,
    ','.repeat(n),
    `[${','.repeat(n)}`,
    `[2,"a","X",{${'"a":,'.repeat(n)}`,
    `[2,"a","X",{"a":"${'\\'.repeat(n)}`,
    `[2,"a","X",{"a":"${'\\x'.repeat(n)}"}]`,
    `[2,"a","X",{"a":"${'\u0001'.repeat(n)}"}]`,
    `[2,"a","X",{"a":${'9'.repeat(n)}}]`,
    `[2,"a","X",{"a":${'9'.repeat(n)},}]`,
    `[2,"a","X",{"a":-${'0'.repeat(n)}x}]`,
    ' '.repeat(n),
    `[2,${' '.repeat(n)}`,
    '\u0000'.repeat(n),
    `[2,"a","X",{}${'}'.repeat(n)}`,
    `[2,"${'a'.repeat(n)}`,
  ]
  for (const text of hostile)
    for (const version of ['1.6', '2.1'] as const) {
      const parsed = parseFrame(text, version)
      assert.ok(parsed.violations.length <= 20)
    }
})

test('nesting as deep as the bound is read, one level more is refused with its id', () => {
  const nested = (depth: number): string =>
    `[2,"a","X",${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}]`
  assert.ok(parseFrame(nested(63), '1.6').ok)
  const parsed = parseFrame(nested(64), '1.6')
  assert.ok(!parsed.ok && parsed.id === 'a')
})

test('frames are written as the specification has them', () => {
  assert.equal(callText('a', 'Reset', { type: 'Soft' }), '[2,"a","Reset",{"type":"Soft"}]')
  assert.equal(resultText('a', {}), '[3,"a",{}]')
  assert.equal(sendText('a', 'X', {}), '[6,"a","X",{}]')
  assert.equal(
    errorText('1.6', 'a', 'format', 'bad "x"', { at: 1 }),
    '[4,"a","FormationViolation","bad \\"x\\"",{"at":1}]',
  )
  assert.equal(
    resultErrorText('a', 'occurrence', 'bad'),
    '[5,"a","OccurrenceConstraintViolation","bad",{}]',
  )
  assert.equal(
    resultText('a', { n: 9223372036854775807n, u: undefined }),
    '[3,"a",{"n":9223372036854775807}]',
  )
})

test('an error description is cut to the 255 characters OCPP allows', () => {
  const frame = frameOf(errorText('2.0.1', 'a', 'internal', 'x'.repeat(1000)), '2.0.1')
  assert.ok(frame.type === 'error' && frame.description.length === 255)
})
