import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargerFacts } from '../../test/kit/facts.ts'
import type { ReportFacts } from './facts.ts'
import type { EffectContext } from './operation.ts'
import { reportComes } from './report-effect.ts'

test('a report of which no more is kept is not waited for, and says why', () => {
  const report: ReportFacts = {
    kind: 'monitoring',
    requestId: 5,
    receivedAt: 100,
    parts: 2_000,
    items: 2_000,
    complete: false,
    missing: [],
    incomplete: 'it has more than 2000 parts, and no more are kept',
    ids: [],
  }
  const context: EffectContext = {
    fresh: { number: 5, uuid: 'u', now: 0 } as unknown as EffectContext['fresh'],
    answered: true,
    expects: null,
    payload: {},
    epoch: 1,
  }
  const effect = reportComes<object>('monitoring')
  assert.ok(effect.seenIn === 'behaviour')
  assert.deepEqual(effect.seen(chargerFacts({ reports: [report] }), 0, {}, context), {
    seen: 'no',
    because: 'the report is incomplete: it has more than 2000 parts, and no more are kept',
  })
})
