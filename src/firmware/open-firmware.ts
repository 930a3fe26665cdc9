import { X509Certificate } from 'node:crypto'
import type { Audit } from '../audit/audit.ts'
import type { Change } from '../audit/record.ts'
import { recorded } from '../audit/record.ts'
import type { Keeping, TakenContent } from '../files/files.ts'
import { checkReason } from '../kernel/reason.ts'
import { insertFile, markDeleted, withholdFile } from '../files/store.ts'
import type { Context } from '../kernel/actor.ts'
import { systemContext } from '../kernel/actor.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import { checkLimit, isUuid, keyOfCursor, pageOf } from '../kernel/page.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { FirmwareSupply } from '../operations/supply.ts'
import type { Database, Tx } from '../storage/database.ts'
import { CommitUnknownError } from '../storage/errors.ts'
import type { SigningKey } from './certificate.ts'
import { newSigningKey } from './certificate.ts'
import type { Firmware, FirmwareImage, FirmwareSummary } from './firmware.ts'
import type { CheckedFirmware } from './rules.ts'
import { checkFirmware, checkStep } from './rules.ts'
import { signImage, signingKeyIn, verifyImage } from './signature.ts'
import {
  deleteFirmware,
  firmwareById,
  insertFirmware,
  insertSigningKey,
  listFirmware,
  lockFirmware,
  setState,
  signingKey,
} from './store.ts'

export interface FirmwareOptions {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly newId: NewId
  /** Of the file plane, where the contents are. */
  readonly keeping: Keeping
  readonly maxBytes: number
}

export function openFirmware(options: FirmwareOptions): Firmware {
  const { database, audit, clock, keeping } = options
  const record = (tx: Tx, ...changes: Change[]): Promise<void> =>
    recorded(tx, { audit, clock }, changes)

  async function step(
    context: Context,
    id: string,
    state: 'released' | 'withdrawn',
    why: string,
  ): Promise<FirmwareImage> {
    const reason = checkReason(why)
    return database.transaction(async (tx) => {
      const before = await locked(tx, id)
      checkStep(before.state, state)
      const after = await setState(tx, id, state, clock.now())
      if (state === 'withdrawn') await withholdFile(tx, after.file, clock.now())
      await record(tx, { context, event: `firmware.${state}`, reason, detail: detailOf(after) })
      return after
    })
  }

  return {
    async list(page, filter) {
      const limit = checkLimit(page)
      const before = keyOfCursor('firmware', page, isUuid)
      const rows = await listFirmware(database, filter, before, limit + 1)
      return pageOf('firmware', limit, rows, ({ id }) => id, summary)
    },

    async show(id) {
      const found = isUuid(id) ? await firmwareById(database, id) : undefined
      return found ?? unknownImage(id)
    },

    async upload(context, said, content) {
      return upload(options, context, checkFirmware(said), content)
    },
    release: (context, id, reason) => step(context, id, 'released', reason),
    withdraw: (context, id, reason) => step(context, id, 'withdrawn', reason),

    async remove(context, id, why) {
      const reason = checkReason(why)
      const removed = await database.transaction(async (tx) => {
        const image = await locked(tx, id)
        if (image.firstUsedAt !== null)
          throw new ProblemError(
            'too-late',
            'a command has taken it, so it stays; withdraw it instead',
          )
        await deleteFirmware(tx, id)
        await markDeleted(tx, image.file, clock.now(), reason)
        await record(tx, { context, event: 'firmware.deleted', reason, detail: detailOf(image) })
        return image
      })
      await keeping.discard(removed.file)
    },

    async signingCertificate(context) {
      const { certificate } = await ensureKey(options, context)
      const { fingerprint256, validTo } = new X509Certificate(certificate)
      return {
        certificate,
        fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
        expiresAt: new Date(validTo).toISOString(),
      }
    },

    async firmwareOf(id, { evenWithdrawn = false } = {}) {
      const image = isUuid(id) ? await firmwareById(database, id) : undefined
      if (image === undefined) return unknownImage(id, 'params.image')
      if (image.state === 'held' || (image.state === 'withdrawn' && !evenWithdrawn))
        throw new ProblemError(
          'invalid-input',
          image.state === 'held'
            ? 'this image is not released yet: otactl firmware release'
            : 'this image was withdrawn',
          'params.image',
        )
      return supplyOf(image)
    },
  }
}

async function locked(tx: Tx, id: string): Promise<FirmwareImage> {
  const image = isUuid(id) ? await lockFirmware(tx, id) : undefined
  return image ?? unknownImage(id)
}

function unknownImage(id: string, field = 'id'): never {
  throw new ProblemError('not-found', `there is no firmware image ${id}`, field)
}

async function upload(
  options: FirmwareOptions,
  context: Context,
  said: CheckedFirmware,
  content: AsyncIterable<Buffer>,
): Promise<FirmwareImage> {
  const { clock, keeping, maxBytes } = options
  // What is wrong with the certificate alone is said before hundreds of megabytes have come.
  if (said.signed !== undefined) signingKeyIn(said.signed.certificate, clock.now())
  const taken = await keeping.take(content, maxBytes)
  try {
    return await keep(options, context, said, taken)
  } catch (error) {
    if (!(error instanceof CommitUnknownError)) await keeping.discard(taken.id)
    throw error
  }
}

async function keep(
  options: FirmwareOptions,
  context: Context,
  said: CheckedFirmware,
  taken: TakenContent,
): Promise<FirmwareImage> {
  const { database, audit, clock, newId, keeping } = options
  const { sha256, signed, ...told } = said
  if (taken.size === 0) throw new ProblemError('invalid-input', 'the image is empty')
  if (sha256 !== undefined && sha256 !== taken.sha256)
    throw new ProblemError('invalid-input', `what came has ${taken.sha256}`, 'sha256')
  const content = keeping.content(taken.id)
  const examined =
    signed === undefined
      ? await signImage(content, await ensureKey(options, context))
      : await verifyImage(content, signed, clock.now())
  return database.transaction(async (tx) => {
    const at = clock.now()
    const address = context.origin.address ?? null
    await insertFile(tx, {
      ...taken,
      ...{ kind: 'firmware', charger: null, dispatch: null, name: told.name, contentType: null },
      ...{ protocol: null, remoteAddress: address, store: keeping.store },
      ...{ receivedAt: at, expiresAt: null },
    })
    const image = await insertFirmware(tx, {
      ...told,
      ...examined,
      ...{ id: newId(), file: taken.id, size: taken.size, sha256: taken.sha256 },
      ...{ signedBy: signed === undefined ? 'operator' : 'manufacturer', at },
      uploadedBy: context.actor.name,
    })
    await recorded(tx, { audit, clock }, [
      { context, event: 'firmware.uploaded', detail: detailOf(image) },
    ])
    return image
  })
}

/** The key of all control nodes. Nodes that need it at the same moment agree on the one stored first. */
async function ensureKey(
  { database, audit, clock }: FirmwareOptions,
  { origin }: Context,
): Promise<SigningKey> {
  const known = await signingKey(database)
  if (known !== undefined) return known
  const made = newSigningKey(clock.now())
  await database.transaction(async (tx) => {
    if (!(await insertSigningKey(tx, made, clock.now()))) return
    const { fingerprint256 } = new X509Certificate(made.certificate)
    await recorded(tx, { audit, clock }, [
      {
        context: { actor: systemContext.actor, origin },
        event: 'firmware.signing-key-made',
        detail: { certificate: fingerprint256.replaceAll(':', '').toLowerCase() },
      },
    ])
  })
  return (await signingKey(database))!
}

function detailOf(image: FirmwareImage): Change['detail'] {
  const { id, file, name, vendor, models, from, version, size, sha256, signedBy, state } = image
  return { image: id, file, name, vendor, models, from, version, size, sha256, signedBy, state }
}

function summary({
  md5: _md5,
  signature: _signature,
  certificate: _certificate,
  ...shown
}: FirmwareImage): FirmwareSummary {
  return shown
}

function supplyOf(image: FirmwareImage): FirmwareSupply {
  const { id, file, name, vendor, models, from, version, size } = image
  const { sha256, md5, signature, certificate } = image
  return {
    id,
    file,
    name,
    vendor,
    models,
    from,
    version,
    size,
    sha256,
    md5,
    signature,
    certificate,
  }
}
