import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chargerFacts, freshFor } from '../../../../test/kit/facts.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { isRefusal } from '../../operation.ts'
import type { Operation } from '../../operation.ts'
import { diagnosticsFetch } from './diagnostics-fetch.ts'
import { securityLogFetch } from './security-log-fetch.ts'

const url = 'http://files.test/u/token'
const fresh = freshFor({
  upload: (protocols) => (protocols === undefined || protocols.includes('HTTP') ? url : undefined),
})

function planOf(operation: Operation, version: Version) {
  const plan = operation.versions[version]
  assert.ok(!('absent' in plan))
  return plan
}

function ask(
  operation: Operation,
  version: Version,
  params: object = {},
  facts: Partial<ChargerFacts> = {},
): object {
  const plan = planOf(operation, version)
  const payload = plan.request(params, chargerFacts({ version, ...facts }), fresh)
  if (!isRefusal(payload)) assert.equal(strictRequest(version, plan.action, payload), undefined)
  return payload
}

const period = { from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' }

describe('asking for a log', () => {
  test('is GetDiagnostics on 1.6 and GetLog on 2.x', () => {
    assert.deepEqual(ask(diagnosticsFetch, '1.6', period), {
      location: url,
      retries: 3,
      retryInterval: 60,
      startTime: period.from,
      stopTime: period.to,
    })
    assert.deepEqual(ask(diagnosticsFetch, '2.0.1', period), {
      logType: 'DiagnosticsLog',
      requestId: 4711,
      retries: 3,
      retryInterval: 60,
      log: { remoteLocation: url, oldestTimestamp: period.from, latestTimestamp: period.to },
    })
  })

  test('for the security log is GetLog everywhere', () => {
    for (const version of versions)
      assert.equal(
        (ask(securityLogFetch, version) as { logType: string }).logType,
        'SecurityLog',
        version,
      )
  })

  test('is refused where no protocol is shared, naming it', () => {
    const refused = ask(
      diagnosticsFetch,
      '1.6',
      {},
      {
        capabilities: {
          'file-protocols': { value: ['FTP'], source: 'probed', since: 0, why: 'it said so' },
        },
      },
    )
    assert.ok(isRefusal(refused))
    assert.match(refused.refused, /only FTP/)
  })

  test('for a period is refused where the clock is wrong', () => {
    const refused = ask(diagnosticsFetch, '2.1', period, { clockSkewMs: 3_600_000 })
    assert.ok(isRefusal(refused))
    assert.equal(refused.field, 'from')
  })

  test('for a period that ends before it begins is bad input', () =>
    assert.equal(diagnosticsFetch.check?.({ from: period.to, to: period.from })?.field, 'to'))
})

describe('what the charger answers', () => {
  const judged = (operation: Operation, version: Version, response: object) =>
    planOf(operation, version).judge(response, {}, {}).meaning

  test('a file name on 1.6 means it will upload, none that there is nothing', () => {
    assert.equal(judged(diagnosticsFetch, '1.6', { fileName: 'a.zip' }), 'accepted')
    assert.equal(judged(diagnosticsFetch, '1.6', {}), 'refused')
  })

  test('Accepted and AcceptedCanceled go on, Rejected ends it', () => {
    for (const version of versions) {
      assert.equal(judged(securityLogFetch, version, { status: 'Accepted' }), 'accepted')
      assert.equal(judged(securityLogFetch, version, { status: 'AcceptedCanceled' }), 'accepted')
      assert.equal(judged(securityLogFetch, version, { status: 'Rejected' }), 'refused')
    }
  })
})

describe('a log has been fetched', () => {
  const since = 1_000
  const seen = (version: Version, facts: Partial<ChargerFacts>) => {
    const { effect } = diagnosticsFetch
    assert.ok(effect.seenIn === 'behaviour')
    return effect.seen(
      chargerFacts({ version, ...facts }),
      since,
      {},
      { fresh, epoch: 1, answered: true, expects: null, payload: {} },
    ).seen
  }
  const upload = { dispatch: 'd-1', file: 'f-1', name: 'a.zip', size: 5, receivedAt: 2_000 }

  test('when the file of this very command has arrived', () => {
    assert.equal(seen('1.6', { uploads: [upload] }), 'yes')
    assert.equal(seen('2.0.1', { uploads: [{ ...upload, dispatch: 'd-2' }] }), 'not-yet')
  })

  test('not when the charger only says Uploaded', () => {
    assert.equal(
      seen('1.6', { jobs: { diagnostics: { status: 'Uploaded', receivedAt: 2_000 } } }),
      'not-yet',
    )
    assert.equal(
      seen('2.1', { jobs: { log: { status: 'Uploaded', requestId: 4711, receivedAt: 2_000 } } }),
      'not-yet',
    )
  })

  test('it has failed when the charger says so', () => {
    assert.equal(
      seen('1.6', { jobs: { diagnostics: { status: 'UploadFailed', receivedAt: 2_000 } } }),
      'no',
    )
    assert.equal(
      seen('2.0.1', {
        jobs: { log: { status: 'PermissionDenied', requestId: 4711, receivedAt: 2_000 } },
      }),
      'no',
    )
  })
})
