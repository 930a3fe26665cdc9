import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queuedDispatch } from '../../../test/kit/dispatch.ts'
import { chargerFacts } from '../../../test/kit/facts.ts'
import { noFileLinks } from '../../operations/file-links.ts'
import { settingsReport } from '../../operations/catalog/settings/settings-report.ts'
import type { ReportFacts } from '../../operations/facts.ts'
import { onFacts } from './effect.ts'
import { onOutcome } from './outcome.ts'
import { takeTurn } from './turn.ts'

const minute = 60_000
const means = { callId: 'call', callTimeoutMs: minute, supply: null, links: noFileLinks }

function report(over: Partial<ReportFacts>): ReportFacts {
  return {
    kind: 'device-model',
    requestId: 5,
    receivedAt: 100,
    parts: 2,
    items: 20,
    complete: false,
    missing: [1],
    ids: [],
    ...over,
  }
}

test('a report of which parts are missing is waited for to the end, and then names them', () => {
  const version = '2.0.1'
  const queued = queuedDispatch('settings.report', { params: { base: 'full' } })
  const { dispatch } = takeTurn(queued, settingsReport, chargerFacts({ version }), 1, means)
  const accepted = onOutcome(dispatch, settingsReport, {
    kind: 'answered',
    callId: 'call',
    identity: 'CP-1',
    at: 10,
    valid: true,
    violations: [],
    payload: { status: 'Accepted' },
  }).dispatch
  assert.equal(accepted.state, 'accepted')
  const end = accepted.settleBy ?? 0
  const look = (reports: readonly ReportFacts[], at: number) =>
    onFacts(accepted, settingsReport, chargerFacts({ version, reports }), at).dispatch
  assert.equal(look([report({})], end - 1).state, 'accepted')
  const failed = look([report({})], end)
  assert.equal(failed.state, 'failed')
  assert.match(failed.detail ?? '', /part 1 of the report never came/)
  assert.equal(look([report({ complete: true, missing: [] })], end).state, 'succeeded')
})
