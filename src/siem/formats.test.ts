import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { AuditEntry } from '../audit/audit.ts'
import { resultOf, type Result } from '../audit/result.ts'
import type { Json } from '../kernel/json.ts'
import { cefEvent } from './cef.ts'
import { ocsfEvent } from './ocsf.ts'
import { severityOf, type Severity } from './severity.ts'
import { syslogFrame } from './syslog.ts'

const product = { version: '9.9.9' }

const reset: AuditEntry = {
  sequence: 41,
  hash: 'ab'.repeat(32),
  at: Date.parse('2026-03-01T10:00:00.250Z'),
  actor: { kind: 'person', id: 'p1', name: 'Ada' },
  origin: { face: 'cli', address: '192.0.2.7', requestId: 'r-9' },
  event: 'command.denied',
  charger: 'CP 1',
  command: 'c1',
  reason: 'stuck = again | really\nyes \\',
  detail: { operation: 'charger.reset', params: { kind: 'now' } },
}

describe('the result of an entry', () => {
  const table: readonly [string, AuditEntry['detail'], Result][] = [
    ['command.submitted', {}, 'going-on'],
    ['command.sent', {}, 'going-on'],
    ['command.succeeded', {}, 'succeeded'],
    ['command.accepted-unverified', {}, 'unverified'],
    ['command.unknown', {}, 'unknown'],
    ['command.reconciled', { outcome: 'failed' }, 'failed'],
    ['command.reconciled', { outcome: 'succeeded' }, 'succeeded'],
    ['command.reconciled', {}, 'unknown'],
    ['command.unsupported', {}, 'refused'],
    ['command.expired', {}, 'failed'],
    ['command.denied', {}, 'denied'],
    ['access.denied', {}, 'denied'],
    ['sign-in.failed', {}, 'failed'],
    ['session.step-up-failed', {}, 'failed'],
    ['password.change-failed', {}, 'failed'],
    ['certificate.request-refused', {}, 'refused'],
    ['charger.registered', {}, 'succeeded'],
  ]
  for (const [event, detail, result] of table)
    test(`${event} ${JSON.stringify(detail)} is ${result}`, () => {
      assert.equal(resultOf({ event, detail }), result)
    })
})

describe('how much an entry should trouble', () => {
  const table: readonly [string, Severity][] = [
    ['charger.registered', 'informational'],
    ['command.failed', 'low'],
    ['command.denied', 'medium'],
    ['token.created', 'medium'],
    ['break-glass.opened', 'high'],
    ['incident.opened', 'critical'],
    ['audit.rolled-back', 'critical'],
    ['audit.exported', 'informational'],
    ['audit.entries-exported', 'informational'],
    ['audit.proof-exported', 'informational'],
    ['audit.key-replaced', 'critical'],
  ]
  for (const [event, severity] of table)
    test(`${event} is ${severity}`, () => {
      assert.equal(severityOf({ event, detail: {} }), severity)
    })
})

describe('an OCSF event', () => {
  test('of a denied command is an API Activity that failed, with who, what, where and why', () => {
    const event = ocsfEvent(reset, product) as Record<string, Json>
    assert.equal(event['class_uid'], 6003)
    assert.equal(event['type_uid'], 6003 * 100 + Number(event['activity_id']))
    assert.equal(event['status_id'], 2)
    assert.equal(event['status_detail'], 'denied')
    assert.equal(event['time'], reset.at)
    assert.deepEqual(event['actor'], { user: { uid: 'p1', name: 'Ada', type_id: 1 } })
    assert.deepEqual(event['src_endpoint'], { ip: '192.0.2.7', svc_name: 'cli' })
    assert.deepEqual(event['resources'], [{ uid: 'CP 1', type: 'EV charger' }])
    assert.deepEqual(event['metadata'], {
      version: '1.3.0',
      uid: '41',
      sequence: 41,
      log_name: 'audit',
      event_code: 'command.denied',
      product: { name: 'OTA control', vendor_name: 'OTA control', version: '9.9.9' },
      correlation_uid: 'c1',
    })
  })

  const classes: readonly [string, number, number][] = [
    ['sign-in.succeeded', 3002, 1],
    ['sign-in.failed', 3002, 1],
    ['session.revoked', 3002, 2],
    ['token.created', 3001, 1],
    ['token.revoked', 3001, 6],
    ['binding.added', 3004, 1],
    ['charger.registered', 6003, 1],
    ['file.downloaded', 6003, 2],
    ['charger.updated', 6003, 3],
    ['group.removed', 6003, 4],
    ['command.sent', 6003, 99],
  ]
  for (const [event, kind, activity] of classes)
    test(`of ${event} is class ${kind}, activity ${activity}`, () => {
      const shown = ocsfEvent({ ...reset, event }, product) as Record<string, Json>
      assert.deepEqual([shown['class_uid'], shown['activity_id']], [kind, activity])
      assert.equal(shown['category_uid'], Math.floor(kind / 1000))
    })
})

describe('a CEF event', () => {
  test('escapes what would end a field', () => {
    const line = cefEvent(reset, product)
    assert.ok(
      line.startsWith(
        'CEF:0|OTA control|OTA control|9.9.9|command.denied|Ada: command.denied charger.reset on CP 1 (stuck = again \\| really yes \\\\)|5|',
      ),
      line,
    )
    assert.match(line, / reason=stuck \\= again \| really\\nyes \\\\ duid=CP 1 /)
    assert.match(line, / outcome=denied /)
  })

  const sources: readonly [address: string, shown: RegExp][] = [
    ['192.0.2.7', / src=192\.0\.2\.7 /],
    ['::ffff:192.0.2.7', / src=192\.0\.2\.7 /],
    ['2001:db8::7', / c6a2Label=Source IPv6 Address c6a2=2001:db8::7 /],
  ]
  for (const [address, shown] of sources)
    test(`has ${address} where its kind belongs`, () => {
      const line = cefEvent({ ...reset, origin: { ...reset.origin, address } }, product)
      assert.match(line, shown)
    })

  test('is one line whose header has eight parts, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, reason) => {
        const line = cefEvent({ ...reset, reason, actor: { ...reset.actor, name } }, product)
        assert.ok(!/[\r\n]/.test(line))
        const [header] = line.split(/(?<!\\)(?:\\\\)*\|rt=|\|rt=/, 1)
        assert.equal(header!.split(/(?<=(?<!\\)(?:\\\\)*)\|/).length, 7)
      }),
    )
  })
})

describe('a syslog frame', () => {
  test('says its length in bytes, not in characters', () => {
    const frame = syslogFrame({
      severity: 'medium',
      at: reset.at,
      host: 'node 1',
      messageId: 'command.denied',
      text: 'Zürich',
    })
    const [length, ...rest] = frame.toString('utf8').split(' ')
    assert.equal(Number(length), frame.length - length!.length - 1)
    assert.equal(
      rest.join(' '),
      '<108>1 2026-03-01T10:00:00.250Z node1 ota-control - command.denied - \uFEFFZürich',
    )
  })
})
