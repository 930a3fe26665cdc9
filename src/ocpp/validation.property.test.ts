import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { MessageName } from '../../test/kit/sample-payloads.ts'
import { allMessages, payloads } from '../../test/kit/sample-payloads.ts'
import { isJsonObject } from '../kernel/json.ts'
import { jsonText } from './json-text.ts'
import { omitEmpty } from './omit-empty.ts'
import type { Checked } from './validation.ts'
import { checkRequest, checkResponse, strictRequest, strictResponse } from './validation.ts'

const receivedAt = Date.UTC(2026, 0, 1)

function check({ version, kind, action }: MessageName, payload: unknown): Checked {
  return kind === 'request'
    ? checkRequest('from-charger', version, action, payload, receivedAt)
    : checkResponse('to-charger', version, action, payload, receivedAt)
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}

/** The messages chargers send most, and the answers that matter, in all their versions. */
const messages = allMessages().filter(({ kind, action }) =>
  kind === 'request'
    ? /^(Authorize|BootNotification|MeterValues|StatusNotification|StartTransaction|StopTransaction|TransactionEvent|DataTransfer|NotifyReport)$/.test(
        action,
      )
    : /^(GetConfiguration|SetVariables|GetVariables|UnlockConnector|GetCompositeSchedule|Reset)$/.test(
        action,
      ),
)
const anyMessage = fc.constantFrom(...messages)
const anyPayload = anyMessage.chain((message) =>
  payloads(message).map((payload) => ({ message, payload })),
)

/** Bounds that the schemas do not state, and the values that random payloads have beyond them. */
const soft = /out of range|^empty/

test('a payload as its schema asks is passed on untouched', () => {
  fc.assert(
    fc.property(anyPayload, ({ message, payload }) => {
      const checked = check(message, frozen(payload))
      assert.equal(checked.payload, payload)
      assert.equal(checked.valid, true)
      for (const { detail } of checked.violations) assert.match(detail, soft)
    }),
    { seed: 5, numRuns: 1500 },
  )
})

const oddity = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    -1,
    1.5,
    true,
    [],
    {},
    [[]],
    [null],
    'N/A',
    'accepted',
  ),
  fc.constantFrom<unknown>(
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00+02',
    1767225600,
    2n ** 63n - 1n,
  ),
  fc.string({ minLength: 30, maxLength: 80 }),
  fc.jsonValue({ maxDepth: 2 }),
)

interface Wound {
  readonly at: number
  readonly deed: 'replace' | 'remove' | 'add' | 'text' | 'shout' | 'wrap'
  readonly value: unknown
}
const wound: fc.Arbitrary<Wound> = fc.record({
  at: fc.nat(1000),
  deed: fc.constantFrom('replace', 'remove', 'add', 'text', 'shout', 'wrap'),
  value: oddity,
})

function wounded(payload: unknown, { at, deed, value }: Wound): unknown {
  const copy: unknown = structuredClone(payload)
  const places: [holder: Record<string, unknown>, name: string][] = []
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    for (const name of Object.keys(part)) {
      places.push([part as Record<string, unknown>, name])
      visit((part as Record<string, unknown>)[name])
    }
  }
  visit(copy)
  const place = places[at % Math.max(places.length, 1)]
  if (place === undefined) return deed === 'replace' ? value : copy
  const [holder, name] = place
  const old = holder[name]
  if (deed === 'replace') holder[name] = value
  if (deed === 'remove' && !Array.isArray(holder)) delete holder[name]
  if (deed === 'add' && isJsonObject(old)) old['addition'] = value
  if (deed === 'text' && (typeof old === 'number' || typeof old === 'string'))
    holder[name] = ` ${old} `
  if (deed === 'shout' && typeof old === 'string') holder[name] = old.toUpperCase()
  if (deed === 'wrap') holder[name] = [old]
  return copy
}

const woundedPayload = fc
  .tuple(anyPayload, fc.array(wound, { minLength: 1, maxLength: 4 }))
  .map(([{ message, payload }, wounds]) => ({
    message,
    payload: wounds.reduce<unknown>(wounded, payload),
  }))

test('a damaged payload is mended without being changed itself, and what is mended needs no mending', () => {
  let mended = 0
  fc.assert(
    fc.property(woundedPayload, ({ message, payload }) => {
      const checked = check(message, frozen(payload))
      assert.ok(checked.violations.length <= 20)
      const silently = checked.payload !== payload && checked.violations.length === 0
      if (silently) assert.match(jsonText(payload), /9223372036854775807/)
      assert.ok(checked.valid || checked.violations.length > 0)
      if (!checked.valid) return
      if (checked.violations.length > 0) mended += 1
      const again = check(message, frozen(checked.payload))
      assert.equal(again.valid, true)
      assert.equal(again.payload, checked.payload)
      const before = new Set(checked.violations.map((violation) => violation.detail))
      for (const { detail } of again.violations)
        assert.ok(before.has(detail) || soft.test(detail), detail)
    }),
    { seed: 6, numRuns: 6000 },
  )
  assert.ok(mended > 1000, `only ${mended} were mended`)
})

test('whatever is valid after mending, we could send ourselves, but for what is kept as it came', () => {
  const keptAsItCame =
    /characters where|beyond the integers|out of range|^empty|an empty list|elements where/
  fc.assert(
    fc.property(woundedPayload, ({ message, payload }) => {
      const checked = check(message, payload)
      if (!checked.valid) return
      if (checked.violations.some(({ detail }) => keptAsItCame.test(detail))) return
      const strict = message.kind === 'request' ? strictRequest : strictResponse
      const refusal = strict(message.version, message.action, checked.payload)
      if (refusal !== undefined) assert.match(refusal, /must be >=|fewer than 1/)
    }),
    { seed: 7, numRuns: 3000 },
  )
})

test('leaving out empty members makes no valid payload invalid', () => {
  fc.assert(
    fc.property(anyPayload, ({ message, payload }) => {
      const { version, kind, action } = message
      const trimmed = omitEmpty(version, kind, action, frozen(payload))
      assert.equal(check(message, trimmed).valid, true)
      assert.deepEqual(omitEmpty(version, kind, action, trimmed), trimmed)
    }),
    { seed: 8, numRuns: 500 },
  )
})
