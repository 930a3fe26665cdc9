import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chargerFacts, freshFor } from '../../../../test/kit/facts.ts'
import type { Json } from '../../../kernel/json.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { isRefusal } from '../../operation.ts'
import type { Operation } from '../../operation.ts'
import type { FirmwareSupply } from '../../supply.ts'
import { firmwarePublish, firmwareUnpublish } from './firmware-publish.ts'
import { firmwareUpdate, firmwareUpdateSigned } from './firmware-update.ts'

const image: FirmwareSupply = {
  id: 'i-1',
  file: 'f-1',
  name: 'terra-2.0.bin',
  vendor: 'ACME',
  models: ['One*'],
  from: ['1.*'],
  version: '2.0',
  size: 3,
  sha256: 'aa',
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
  signature: 'c2ln',
  certificate: 'PEM',
}
const now = Date.parse('2026-05-01T12:00:00Z')
const url = 'http://files.test/d/token/terra-2.0.bin'
const fresh = freshFor({
  now,
  supply: image as unknown as Json,
  download: (_file, protocols) =>
    protocols === undefined || protocols.includes('HTTP') ? url : undefined,
})
const right: Partial<ChargerFacts> = { vendor: 'Acme', model: 'One XL', firmware: '1.4' }

function ask(operation: Operation, version: Version, params: object, facts = right): object {
  const plan = operation.versions[version]
  assert.ok(!('absent' in plan))
  const payload = plan.request(params, chargerFacts({ version, ...facts }), fresh)
  if (!isRefusal(payload)) assert.equal(strictRequest(version, plan.action, payload), undefined)
  return payload
}

function refusal(params: object, facts: Partial<ChargerFacts>): string {
  const asked = ask(firmwareUpdate, '2.0.1', { image: 'i-1', ...params }, { ...right, ...facts })
  assert.ok(isRefusal(asked), JSON.stringify(asked))
  return asked.refused
}

describe('a firmware update', () => {
  test('says in each version where the image is and when to fetch it', () => {
    const at = '2026-05-01T11:59:00.000Z'
    const job = { retries: 3, retryInterval: 60 }
    assert.deepEqual(ask(firmwareUpdate, '1.6', { image: 'i-1' }), {
      location: url,
      retrieveDate: at,
      ...job,
    })
    assert.deepEqual(ask(firmwareUpdate, '2.1', { image: 'i-1' }), {
      requestId: 4711,
      ...job,
      firmware: { location: url, retrieveDateTime: at },
    })
  })

  test('signed, carries the signature and its certificate', () => {
    const firmware = { signature: 'c2ln', signingCertificate: 'PEM' }
    for (const version of ['1.6', '2.0.1', '2.1'] as const) {
      const asked = ask(firmwareUpdateSigned, version, { image: 'i-1' }) as { firmware: object }
      assert.deepEqual({ ...asked.firmware, ...firmware }, asked.firmware)
    }
  })

  test('is refused for a charger the image is not for', () => {
    assert.match(refusal({}, { vendor: 'Other' }), /for ACME/)
    assert.match(refusal({}, { model: 'Two' }), /for One\*/)
    assert.match(refusal({}, { firmware: '0.9' }), /over 1\.\*/)
    assert.match(refusal({}, { firmware: '2.0' }), /already/)
  })

  test('may install the same version again when that is said', () =>
    assert.ok(
      !isRefusal(
        ask(
          firmwareUpdate,
          '2.0.1',
          { image: 'i-1', reinstall: true },
          { ...right, firmware: '2.0' },
        ),
      ),
    ))

  test('is refused where the charger knows no protocol of ours', () => {
    const capabilities = {
      'file-protocols': { value: ['FTP'], source: 'probed', since: 0, why: 'it said so' },
    } as const
    assert.match(refusal({}, { capabilities }), /only FTP/)
  })

  test('for later is refused where the clock is wrong, and at once allows for it', () => {
    const clockSkewMs = -3_600_000
    assert.match(refusal({ retrieveAt: '2026-05-02T00:00:00Z' }, { clockSkewMs }), /clock/)
    const asked = ask(firmwareUpdate, '1.6', { image: 'i-1' }, { ...right, clockSkewMs })
    assert.deepEqual((asked as { retrieveDate: string }).retrieveDate, '2026-05-01T10:59:00.000Z')
  })

  test('times must be times, in their order', () => {
    const check = (params: object) => firmwareUpdate.check?.({ image: 'i', ...params })?.field
    assert.equal(check({ retrieveAt: 'tomorrow' }), 'retrieveAt')
    assert.equal(
      check({ retrieveAt: '2026-05-02T00:00:00Z', installAt: '2026-05-01T00:00:00Z' }),
      'installAt',
    )
  })
})

describe('a firmware update has worked', () => {
  const { effect } = firmwareUpdate
  assert.ok(effect.seenIn === 'behaviour')
  const since = 1_000
  const seen = (facts: Partial<ChargerFacts>) =>
    effect.seen(
      chargerFacts({ ...right, ...facts }),
      since,
      { image: 'i-1' },
      {
        fresh,
        epoch: 1,
        answered: true,
        expects: { version: '2.0' },
        payload: {},
      },
    ).seen
  const boot = { receivedAt: 3_000, provoked: false }
  const job = (status: string, receivedAt = 2_000) => ({
    jobs: { firmware: { status, requestId: 4711, receivedAt } },
  })

  test('when it boots with the new version', () =>
    assert.equal(seen({ firmware: '2.0', boot }), 'yes'))
  test('not when it only says Installed', () => assert.equal(seen(job('Installed')), 'not-yet'))
  test('not while it boots with the old version on the way', () =>
    assert.equal(seen({ boot, ...job('Downloading') }), 'not-yet'))
  test('it has failed when it says Installed and boots with the old version', () =>
    assert.equal(seen({ boot, ...job('Installed') }), 'no'))
  test('it has failed when the charger says so', () => {
    for (const status of ['DownloadFailed', 'InstallationFailed', 'InvalidSignature'])
      assert.equal(seen(job(status)), 'no', status)
  })
  test('the word of an earlier job does not count', () => {
    assert.equal(seen(job('DownloadFailed', 900)), 'not-yet')
  })
  test('it has failed when the charger works on a newer one instead', () => {
    const other = (requestId: number) =>
      seen({ jobs: { firmware: { status: 'Downloading', requestId, receivedAt: 2_000 } } })
    assert.equal(other(4712), 'no')
    // The last word on the update that this one replaced.
    assert.equal(other(4710), 'not-yet')
  })
})

test('a time too far ahead is refused, and one ahead is watched for longer', () => {
  const late = ask(firmwareUpdate, '2.1', { image: 'i-1', retrieveAt: '2026-06-01T00:00:00Z' })
  assert.ok(isRefusal(late))
  assert.equal(late.field, 'retrieveAt')
  const { effect } = firmwareUpdate
  assert.ok(effect.seenIn === 'behaviour' && typeof effect.withinMs === 'function')
  assert.ok(effect.withinMs({ later: true }) > effect.withinMs(null))
})

test('times in different zones are compared as times', () =>
  assert.equal(
    firmwareUpdate.check?.({
      image: 'i',
      retrieveAt: '2026-05-01T13:00:00+02:00',
      installAt: '2026-05-01T12:00:00Z',
    }),
    undefined,
  ))

describe('publishing on a local controller', () => {
  test('gives the checksum and our address', () => {
    assert.deepEqual(ask(firmwarePublish, '2.0.1', { image: 'i-1' }), {
      location: url,
      checksum: image.md5,
      requestId: 4711,
      retries: 3,
      retryInterval: 60,
    })
    assert.deepEqual(ask(firmwareUnpublish, '2.1', { image: 'i-1' }), { checksum: image.md5 })
  })

  test('has worked when it reports Published', () => {
    const { effect } = firmwarePublish
    assert.ok(effect.seenIn === 'behaviour')
    const seen = (status: string) =>
      effect.seen(
        chargerFacts({ jobs: { 'firmware-publication': { status, receivedAt: 5 } } }),
        1,
        { image: 'i-1' },
        { fresh, epoch: 1, answered: true, expects: null, payload: {} },
      ).seen
    assert.equal(seen('Downloading'), 'not-yet')
    assert.equal(seen('Published'), 'yes')
    assert.equal(seen('InvalidChecksum'), 'no')
  })
})
