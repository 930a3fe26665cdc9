import assert from 'node:assert/strict'
import {
  constants,
  createHash,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { filesWorld, owner } from '../../test/kit/files-world.ts'
import { certificateOf } from '../../test/kit/self-signed.ts'
import { openAudit } from '../audit/open-audit.ts'
import { ProblemError } from '../kernel/problem.ts'
import { change } from '../storage/database.ts'
import { newSigningKey } from './certificate.ts'
import type { NewFirmware } from './firmware.ts'
import { noteFirmwareUse } from './note-use.ts'
import { openFirmware } from './open-firmware.ts'

const content = randomBytes(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')
const said: NewFirmware = {
  name: 'one-xl_2.0.signed.bin',
  vendor: 'Acme',
  models: ['One XL', 'Two*'],
  version: '2.0',
  from: ['1.*'],
}

async function firmwareWorld(t: TestContext) {
  const world = await filesWorld(t)
  const { database, clock, newId, files } = world
  const options = { database, clock, newId, keeping: files.keeping, maxBytes: 1_000_000 }
  const firmware = openFirmware({ ...options, audit: openAudit({ database }) })
  const upload = (more: Partial<NewFirmware> = {}, bytes = content) =>
    firmware.upload(owner, { ...said, ...more }, pieces(bytes))
  return { ...world, firmware, upload }
}

async function* pieces(bytes: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_000)
    yield await Promise.resolve(bytes.subarray(at, at + 50_000))
}

const problem = (code: string, field: string | undefined, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ProblemError, String(error))
  assert.deepEqual([error.problem.code, error.problem.field], [code, field], error.message)
  assert.match(error.message, says)
  return true
}

void test('an image is held until somebody releases it, and a command takes it as it is', async (t) => {
  const { firmware, upload, audited } = await firmwareWorld(t)
  const held = await upload({ sha256: sha256.toUpperCase() })
  assert.deepEqual(
    [held.state, held.sha256, held.size, held.uploadedBy, held.signedBy],
    ['held', sha256, content.length, 'owner', 'operator'],
  )
  await assert.rejects(
    firmware.firmwareOf(held.id),
    problem('invalid-input', 'params.image', /not released yet/),
  )
  const released = await firmware.release(owner, held.id, 'tested on LAB-01')
  assert.equal(released.state, 'released')
  assert.deepEqual(await firmware.firmwareOf(held.id), {
    id: held.id,
    file: held.file,
    name: 'one-xl_2.0.signed.bin',
    vendor: 'Acme',
    models: ['One XL', 'Two*'],
    from: ['1.*'],
    version: '2.0',
    size: content.length,
    sha256,
    md5: createHash('md5').update(content).digest('hex'),
    signature: held.signature,
    certificate: held.certificate,
  })
  for (const id of ['f1890000-0000-7000-8000-000000000001', 'nothing'])
    await assert.rejects(
      firmware.firmwareOf(id),
      problem('not-found', 'params.image', /there is no/),
    )
  const [uploaded] = await audited('firmware.uploaded')
  const [freed] = await audited('firmware.released')
  assert.deepEqual(
    [uploaded!.actor.id, uploaded!.detail['sha256'], freed!.reason, freed!.detail['image']],
    ['owner', sha256, 'tested on LAB-01', held.id],
  )
})

void test('without a manufacturer’s signature an image is signed here, with a key that stays', async (t) => {
  const { firmware, upload, audited } = await firmwareWorld(t)
  const [first, second] = [await upload(), await upload({ version: '2.1' })]
  const told = await firmware.signingCertificate(owner)
  assert.deepEqual([first.certificate, second.certificate], [told.certificate, told.certificate])
  const certificate = new X509Certificate(told.certificate)
  const signature = Buffer.from(first.signature, 'base64')
  assert.ok(verify('sha256', content, certificate.publicKey, signature))
  assert.ok(first.signature.length <= 800 && first.certificate.length <= 5_500, 'OCPP takes it')
  assert.equal((await audited('firmware.signing-key-made')).length, 1)
})

void test('our signing certificate vouches for itself, for signing code only', () => {
  for (const now of [Date.parse('2026-03-01T00:00:00Z'), Date.parse('2045-03-01T00:00:00Z')]) {
    const { privateKey, certificate: pem } = newSigningKey(now)
    const certificate = new X509Certificate(pem)
    assert.ok(certificate.verify(certificate.publicKey))
    assert.equal(certificate.subject, 'CN=OTA control firmware signing')
    assert.equal(certificate.ca, false)
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.3'])
    assert.equal(Date.parse(certificate.validFrom), now - 86_400_000)
    assert.equal(
      new Date(certificate.validTo).getUTCFullYear(),
      new Date(now).getUTCFullYear() + 10,
    )
    assert.ok(verify('sha256', content, certificate.publicKey, sign('sha256', content, privateKey)))
  }
})

void test('a manufacturer’s signature is verified, in whichever way it was made', async (t) => {
  const { upload } = await firmwareWorld(t)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants
  const signatures: [Buffer, string][] = [
    [sign('sha256', content, rsa.privateKey), certificateOf(rsa.publicKey)],
    [
      sign('sha256', content, {
        key: rsa.privateKey,
        padding: RSA_PKCS1_PSS_PADDING,
        saltLength: RSA_PSS_SALTLEN_DIGEST,
      }),
      certificateOf(rsa.publicKey),
    ],
    [sign('sha256', content, ec.privateKey), certificateOf(ec.publicKey)],
    [
      sign('sha256', content, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
      certificateOf(ec.publicKey),
    ],
  ]
  for (const [signature, certificate] of signatures) {
    const given = { signature: signature.toString('base64'), certificate }
    const image = await upload(given)
    assert.equal(image.signedBy, 'manufacturer')
    assert.equal(image.signature, given.signature)
    await assert.rejects(
      upload(given, randomBytes(1_000)),
      problem('invalid-input', 'signature', /does not fit/),
    )
  }
})

void test('what does not fit is refused, names its field and keeps nothing', async (t) => {
  const { upload, firmware, onDisk, list } = await firmwareWorld(t)
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const ed = generateKeyPairSync('ed25519')
  const signature = sign('sha256', content, ec.privateKey).toString('base64')
  const certificate = certificateOf(ec.publicKey)
  const cases: [Partial<NewFirmware>, string, RegExp][] = [
    [{ sha256: 'f'.repeat(64) }, 'sha256', new RegExp(`what came has ${sha256}`)],
    [{ sha256: 'xyz' }, 'sha256', /64 hex digits/],
    [{ models: [] }, 'models', /at least one/],
    [{ models: ['ok', ' '] }, 'models[1]', /blank/],
    [{ models: ['T*o'] }, 'models[0]', /at its end only/],
    [{ from: ['**'] }, 'from[0]', /at its end only/],
    [{ vendor: '' }, 'vendor', /blank/],
    [{ version: 'x'.repeat(51) }, 'version', /at most 50/],
    [{ signature }, 'certificate', /belong together/],
    [{ certificate }, 'signature', /belong together/],
    [{ signature: '%%%', certificate }, 'signature', /base64/],
    [{ signature: 'A'.repeat(801), certificate }, 'signature', /at most 800/],
    [{ signature, certificate: 'no' }, 'certificate', /one certificate/],
    [{ signature, certificate: certificate + certificate }, 'certificate', /one certificate/],
    [
      {
        signature,
        certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      },
      'certificate',
      /cannot be read/,
    ],
    [
      { signature, certificate: certificateOf(ec.publicKey, ec.privateKey, 2020) },
      'certificate',
      /not now/,
    ],
    [{ signature, certificate: certificateOf(weak.publicKey) }, 'certificate', /only 1024 bits/],
    [{ signature, certificate: certificateOf(ed.publicKey) }, 'certificate', /ed25519/],
  ]
  for (const [wrong, field, says] of cases)
    await assert.rejects(upload(wrong), problem('invalid-input', field, says))
  await assert.rejects(
    upload({}, randomBytes(1_000_001)),
    problem('too-large', undefined, /at most 1000000 bytes/),
  )
  await assert.rejects(upload({}, Buffer.alloc(0)), problem('invalid-input', undefined, /empty/))
  const broken = (async function* () {
    yield await Promise.resolve(content)
    throw new Error('the line broke')
  })()
  await assert.rejects(firmware.upload(owner, said, broken), /the line broke/)
  assert.deepEqual([await onDisk(), await list()], [[], []])
  assert.deepEqual((await firmware.list({ limit: 10 }, {})).items, [])
})

void test('a withdrawn image is out of reach for good, also with links given out before', async (t) => {
  const { firmware, upload, download } = await firmwareWorld(t)
  const image = await upload()
  await firmware.release(owner, image.id, 'good')
  const link = download(image.file)
  const fetched = await fetch(link)
  assert.ok(Buffer.from(await fetched.arrayBuffer()).equals(content))
  const withdrawn = await firmware.withdraw(owner, image.id, 'bricks chargers')
  assert.equal(withdrawn.state, 'withdrawn')
  assert.equal((await fetch(link)).status, 410)
  await assert.rejects(
    firmware.firmwareOf(image.id),
    problem('invalid-input', 'params.image', /withdrawn/),
  )
  assert.equal((await firmware.firmwareOf(image.id, { evenWithdrawn: true })).md5, image.md5)
  await assert.rejects(
    firmware.release(owner, image.id, 'again'),
    problem('too-late', undefined, /for good/),
  )
  await assert.rejects(
    firmware.withdraw(owner, image.id, 'again'),
    problem('too-late', undefined, /already/),
  )
})

void test('only an image no command ever took is deleted', async (t) => {
  const { firmware, upload, files, onDisk, audited, database, clock } = await firmwareWorld(t)
  const [unused, used] = [await upload(), await upload()]
  await firmware.release(owner, used.id, 'good')
  await firmware.firmwareOf(used.id)
  assert.equal((await firmware.show(used.id)).firstUsedAt, null, 'looking is no use')
  const taken = { request: { kind: 'firmware', image: used.id }, at: clock.now() } as const
  await database.commit(change(noteFirmwareUse, taken))
  await assert.rejects(
    firmware.remove(owner, used.id, 'x'),
    problem('too-late', undefined, /withdraw it instead/),
  )
  await firmware.remove(owner, unused.id, 'wrong file')
  await assert.rejects(firmware.show(unused.id), problem('not-found', 'id', /there is no/))
  assert.equal((await files.show(unused.file)).deletedBecause, 'wrong file')
  assert.deepEqual(await onDisk(), [used.file])
  assert.equal((await audited('firmware.deleted'))[0]!.reason, 'wrong file')
})

void test('images are listed newest first, by vendor, state and the model they are for', async (t) => {
  const { firmware, upload } = await firmwareWorld(t)
  const one = await upload()
  const two = await upload({ vendor: 'Bolt', models: ['*'] })
  await firmware.release(owner, two.id, 'good')
  const ids = async (filter: object) =>
    (await firmware.list({ limit: 10 }, filter)).items.map(({ id }) => id)
  assert.deepEqual(await ids({}), [two.id, one.id])
  assert.deepEqual(await ids({ vendor: 'acme' }), [one.id])
  assert.deepEqual(await ids({ state: 'released' }), [two.id])
  assert.deepEqual(await ids({ model: 'two mini' }), [two.id, one.id])
  assert.deepEqual(await ids({ model: 'One XL plus' }), [two.id])
  const [shown] = (await firmware.list({ limit: 1 }, {})).items
  assert.ok(!('signature' in shown!) && !('certificate' in shown!))
})
