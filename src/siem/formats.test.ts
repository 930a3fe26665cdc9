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
    ['password.changed', 'medium'],
    ['recovery-codes.made', 'medium'],
    ['factor.added', 'medium'],
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
    ['person.enrolled', 3001, 1],
    ['person.locked', 3001, 5],
    ['person.unlocked', 3001, 2],
    ['person.renamed', 3001, 99],
    ['person.factors-reset', 3001, 11],
    ['password.changed', 3001, 3],
    ['password.change-failed', 3001, 3],
    ['factor.added', 3001, 10],
    ['factor.removed', 3001, 11],
    ['passkey.registered', 3001, 10],
    ['recovery-codes.made', 3001, 10],
    ['role.given', 3005, 1],
    ['role.taken', 3005, 2],
    ['role.changed', 3004, 3],
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

describe('whose account an entry is about', () => {
  const person = (uid: string, name?: string) => ({
    uid,
    ...(name === undefined ? {} : { name }),
    type_id: 1,
  })
  const other = (type: string, uid: string) => ({ uid, type_id: 99, type })
  const table: readonly [string, AuditEntry['detail'], Json][] = [
    ['person.locked', { person: 'p2', name: 'ben' }, person('p2', 'ben')],
    ['person.invited', { person: null, invitation: 'i1' }, other('invitation', 'i1')],
    ['person.factors-reset', { person: 'p2', invitation: 'i1' }, person('p2')],
    ['factor.removed', { person: 'p1', id: 'f1', name: 'phone' }, person('p1', 'Ada')],
    ['passkey.suspended', { person: 'p2', id: 'k1', name: 'key' }, person('p2')],
    ['session.ended', { person: 'p2', session: 's1' }, person('p2')],
    ['role.given', { principal: { kind: 'person', id: 'p2' }, role: 'viewer' }, person('p2')],
    ['role.taken', { principal: { kind: 'team', id: 'night' } }, other('team', 'night')],
    ['token.revoked', { id: 't1', name: 'bot' }, { ...other('robot', 't1'), name: 'bot' }],
    ['sign-in.succeeded', {}, person('p1', 'Ada')],
  ]
  for (const [event, detail, user] of table)
    test(`of ${event} ${JSON.stringify(detail)}`, () => {
      const shown = ocsfEvent({ ...reset, event, detail }, product) as Record<string, Json>
      assert.deepEqual(shown['user'], user)
      assert.deepEqual(shown['actor'], { user: person('p1', 'Ada') })
    })

  test('is the destination of a CEF event, and who did it the source', () => {
    const { actor, origin, at, hash, sequence } = reset
    const detail = { person: 'p2', name: 'ben' }
    const entry = { actor, origin, at, hash, sequence, event: 'person.locked', detail }
    const line = cefEvent(entry, product)
    assert.match(line, / suid=p1 suser=Ada .* duid=p2 duser=ben /)
  })

  test('has the role and its place as a privilege', () => {
    const detail = { principal: { kind: 'person', id: 'p2' }, role: 'viewer', group: 'North' }
    const shown = ocsfEvent({ ...reset, event: 'role.given', detail }, product)
    assert.deepEqual((shown as Record<string, Json>)['privileges'], ['viewer in North'])
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
