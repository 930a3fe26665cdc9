import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RealFrame } from '../../test/kit/real-frames.ts'
import { realFrames } from '../../test/kit/real-frames.ts'
import { parseFrame } from './frame.ts'
import type { Checked } from './validation.ts'
import { checkRequest, checkResponse } from './validation.ts'
import type { ViolationKind } from './violation.ts'

/** The call of ours that a recorded CALLRESULT answers. */
const answered: Readonly<Record<string, string>> = {
  F014: 'GetConfiguration',
  F015: 'GetConfiguration',
  F018: 'GetConfiguration',
  F022: 'GetConfiguration',
  F048: 'GetConfiguration',
  F041: 'ChangeConfiguration',
  F054: 'Reset',
  F070: 'SetChargingProfile',
  F089: 'SetVariables',
}

/**
 * What is recorded of each frame that breaks a rule; every other one passes without a word. (F121 is invalid
 * UTF-8, which never gets as far as here: the socket refuses it.)
 */
const recorded: Readonly<Record<string, readonly ViolationKind[]>> = {
  F005: ['payload-invalid', 'payload-invalid'],
  F013: ['malformed-json'],
  F014: ['malformed-json'],
  F015: ['malformed-json'],
  F016: ['malformed-json', 'payload-invalid'],
  F018: ['malformed-json'],
  F020: ['payload-invalid', 'payload-invalid', 'payload-invalid', 'payload-invalid'],
  F021: ['payload-invalid', 'payload-invalid'],
  F022: ['answer-invalid', 'answer-invalid', 'answer-invalid'],
  F023: ['integer-range'],
  F029: ['payload-invalid'],
  F030: ['payload-invalid'],
  F031: ['payload-invalid'],
  F044: ['payload-invalid'],
  F045: ['payload-invalid'],
  F047: ['payload-invalid'],
  F048: ['answer-invalid'],
  F049: ['payload-invalid'],
  F068: ['payload-invalid', 'payload-invalid'],
  F085: ['malformed-envelope'],
  F090: ['payload-invalid'],
  F104: ['unknown-action'],
  F105: ['payload-invalid'],
  F106: ['message-id'],
  F107: ['message-id'],
  F108: ['malformed-envelope'],
  F109: ['malformed-envelope'],
  F110: ['malformed-envelope'],
  F111: ['malformed-envelope'],
  F112: ['malformed-envelope'],
  F113: ['malformed-envelope'],
  F114: ['malformed-envelope'],
  F115: ['malformed-envelope'],
  F116: ['malformed-json'],
  F117: ['message-id'],
  F118: ['malformed-json'],
}

const unreadable: ReadonlySet<string> = new Set(['F113', 'F114', 'F115', 'F116'])

interface Reading {
  readonly ok: boolean
  readonly violations: readonly ViolationKind[]
  readonly checked: Checked | undefined
}

function read({ id, text, version }: RealFrame): Reading {
  const parsed = parseFrame(text, version)
  const checked = parsed.ok ? checkedOf(id, parsed.frame, version) : undefined
  const all = [...parsed.violations, ...(checked?.violations ?? [])]
  return { ok: parsed.ok, violations: all.map((violation) => violation.kind), checked }
}

type Parsed = ReturnType<typeof parseFrame>
type Frame = Extract<Parsed, { ok: true }>['frame']

function checkedOf(id: string, frame: Frame, version: RealFrame['version']): Checked | undefined {
  if (frame.type === 'call')
    return checkRequest('from-charger', version, frame.action, frame.payload, Date.UTC(2026, 0, 1))
  const action = answered[id]
  if (frame.type === 'result' && action !== undefined)
    return checkResponse('to-charger', version, action, frame.payload)
  return undefined
}

for (const frame of realFrames())
  test(`${frame.id}, ${frame.vendor}: ${frame.quirk}`, () => {
    const { ok, violations, checked } = read(frame)
    assert.deepEqual(violations, recorded[frame.id] ?? [])
    assert.equal(ok, !unreadable.has(frame.id))
    if (checked !== undefined) assert.equal(checked.valid, true)
  })

function payloadOf(id: string): unknown {
  const frame = realFrames().find((candidate) => candidate.id === id)
  assert.ok(frame)
  return read(frame).checked?.payload
}

test('what the broken frames mean is kept', () => {
  assert.deepEqual(payloadOf('F014'), { configurationKey: [] })
  assert.deepEqual(payloadOf('F018'), {
    configurationKey: [
      { key: 'AuthorizeRemoteTxRequests', readonly: true, value: 'true' },
      { key: 'ConnectorPhaseRotation', readonly: true, value: 'false' },
    ],
  })
  assert.deepEqual(payloadOf('F026'), {
    meterStop: 2,
    timestamp: '2022-02-24T13:54:20.000Z',
    transactionId: -1,
  })
  assert.deepEqual(payloadOf('F030'), {
    connectorId: 2,
    errorCode: 'NoError',
    status: 'Preparing',
    timestamp: '2024-04-26T12:35:02.000Z',
  })
  assert.deepEqual(payloadOf('F068'), { connectorId: 1, meterValue: [] })
  assert.deepEqual(payloadOf('F090'), {
    evseId: 1,
    connectorId: 1,
    connectorStatus: 'Available',
    timestamp: '2026-08-08T10:00:00Z',
  })
  assert.deepEqual(payloadOf('F118'), { idTag: 'x' })
  const { transactionId } = payloadOf('F023') as { transactionId: unknown }
  assert.equal(transactionId, 9223372036854775807n)
})

test('a mended list of samples keeps every sample', () => {
  const { meterValue } = payloadOf('F013') as { meterValue: { sampledValue: unknown[] }[] }
  assert.equal(meterValue[0]?.sampledValue.length, 2)
})
