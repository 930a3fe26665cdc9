import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { clockTrouble } from '../../clock.ts'
import type { ChargerFacts } from '../../facts.ts'
import { notYet, refuse, refusedBecause } from '../../operation.ts'
import type { Effect, Fresh, Refusal, Verdict } from '../../operation.ts'
import type { FirmwareSupply } from '../../supply.ts'
import { noSharedProtocol, protocolsOf } from '../diagnostics/log-request.ts'

const minute = 60_000
/** How far ahead an update may lie. */
const furthestMs = 7 * 24 * 60 * minute

export const updateParams = Type.Object(
  {
    image: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'The firmware image, by its id (otactl firmware list)',
    }),
    retrieveAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When to download it (ISO 8601); at once when absent',
      }),
    ),
    installAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When to install it (2.x and signed updates); as soon as it can when absent',
      }),
    ),
    reinstall: Type.Optional(
      Type.Boolean({ description: 'Also where the charger runs this version already' }),
    ),
    replace: Type.Optional(
      Type.Boolean({
        description:
          'Also while an update is under way: it is given up for this one where the charger can (2.x and signed updates)',
      }),
    ),
    retries: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10,
        description: 'How often the charger tries again to download; 3 when absent',
      }),
    ),
  },
  { additionalProperties: false },
)
export type UpdateParams = Static<typeof updateParams>

export function checkTimes({ retrieveAt, installAt }: UpdateParams): Refusal | undefined {
  for (const [field, text] of Object.entries({ retrieveAt, installAt }))
    if (text !== undefined && Number.isNaN(Date.parse(text)))
      return refuse('it must be a date and time such as 2026-05-01T12:00:00Z', field)
  if (
    retrieveAt !== undefined &&
    installAt !== undefined &&
    Date.parse(installAt) < Date.parse(retrieveAt)
  )
    return refuse('it cannot be installed before it is downloaded', 'installAt')
  return undefined
}

/** What an update tells the charger, whatever the version calls it. */
export interface UpdateOrder {
  readonly location: string
  readonly retrieveAt: string
  readonly installAt?: string
  readonly retries: number
  readonly retryInterval: number
  readonly firmware: FirmwareSupply
}

/** The order for this charger, or why this image is not for it. */
export function updateOrder(
  params: UpdateParams,
  charger: ChargerFacts,
  fresh: Fresh,
): UpdateOrder | Refusal {
  const firmware = fresh.supply as unknown as FirmwareSupply
  const unfit = whyUnfit(firmware, params, charger)
  if (unfit !== undefined) return unfit
  const { retrieveAt, installAt } = params
  const tooFar = [retrieveAt, installAt].find(
    (text) => text !== undefined && Date.parse(text) > fresh.now + furthestMs,
  )
  if (tooFar !== undefined)
    return refuse(
      'an update lies at most 7 days ahead: longer nobody watches it',
      tooFar === retrieveAt ? 'retrieveAt' : 'installAt',
    )
  const trouble = clockTrouble(charger, 5 * minute)
  if (trouble !== undefined && (retrieveAt !== undefined || installAt !== undefined))
    return refuse(trouble, retrieveAt === undefined ? 'installAt' : 'retrieveAt')
  const protocols = protocolsOf(charger)
  const location = fresh.download({ id: firmware.file, name: firmware.name }, protocols, {
    usedAt: retrieveAt === undefined ? fresh.now : Date.parse(retrieveAt),
  })
  if (location === undefined) return refuse(noSharedProtocol(protocols))
  return {
    location,
    // A charger whose clock is behind would wait until the time comes.
    retrieveAt: retrieveAt ?? atOnce(charger, fresh.now),
    ...(installAt === undefined ? {} : { installAt }),
    retries: params.retries ?? 3,
    retryInterval: 60,
    firmware,
  }
}

function atOnce({ clockSkewMs = 0 }: ChargerFacts, now: number): string {
  return new Date(now + Math.min(0, clockSkewMs) - minute).toISOString()
}

function whyUnfit(
  { vendor, models, from, version }: FirmwareSupply,
  { reinstall = false }: UpdateParams,
  charger: ChargerFacts,
): Refusal | undefined {
  const { vendor: its, model, firmware } = charger
  if (vendor !== null && its?.toLowerCase() !== vendor.toLowerCase())
    return refuse(
      `the image is for ${vendor}, and this charger is of ${its ?? 'an unknown vendor'}`,
      'image',
    )
  if (models.length > 0 && !models.some((one) => fits(one, model)))
    return refuse(
      `the image is for ${models.join(', ')}, and this charger is ${model ?? 'unknown'}`,
      'image',
    )
  if (firmware === version && !reinstall)
    return refuse(`the charger runs ${version} already; say reinstall to install it again`, 'image')
  if (from.length > 0 && firmware !== version && !from.some((one) => fits(one, firmware)))
    return refuse(
      `the image may be installed over ${from.join(', ')}, and this charger runs ${firmware ?? 'an unknown version'}`,
      'image',
    )
  return undefined
}

/** Patterns end in `*` where anything may follow; case does not matter. */
function fits(pattern: string, text: string | undefined): boolean {
  if (text === undefined) return false
  const [own, given] = [pattern.toLowerCase(), text.toLowerCase()]
  return own.endsWith('*') ? given.startsWith(own.slice(0, -1)) : own === given
}

/** The charger will try; what lies ahead is watched for longer. */
export function willUpdate({ retrieveAt, installAt }: UpdateParams, detail?: string): Verdict {
  const later = retrieveAt !== undefined || installAt !== undefined
  return {
    meaning: 'accepted',
    ...(later ? { result: { later } } : {}),
    ...(detail === undefined ? {} : { detail }),
  }
}

function isLater(answer: Json): boolean {
  return isJsonObject(answer) && answer['later'] === true
}

export const updateAnswers = {
  Accepted: (_response: unknown, params: UpdateParams): Verdict => willUpdate(params),
  AcceptedCanceled: (_response: unknown, params: UpdateParams): Verdict =>
    willUpdate(params, 'an update that was under way was given up for this one'),
  Rejected: refusedBecause('the charger rejected the update'),
  InvalidCertificate: refusedBecause('the charger does not accept the signing certificate'),
  RevokedCertificate: refusedBecause('the charger says that the signing certificate is revoked'),
}

const failures: Readonly<Record<string, string>> = {
  DownloadFailed: 'the charger could not download it',
  InstallationFailed: 'the charger could not install it',
  InstallVerificationFailed: 'what the charger installed did not verify',
  InvalidSignature: 'the charger found the signature invalid',
  InvalidCertificate: 'the charger found the signing certificate invalid',
}

/** OCPP 1.6 has no word for giving up an update that is under way. */
export function cannotReplace({ replace = false }: UpdateParams): Refusal | undefined {
  return replace
    ? refuse('OCPP 1.6 cannot give up an update for another one', 'replace')
    : undefined
}

/** What the next boot has to say. */
export function expectedVersion(_params: unknown, _charger: ChargerFacts, fresh: Fresh): Json {
  const { version } = fresh.supply as unknown as FirmwareSupply
  return { version }
}

/** The new version in a boot after the update; the charger's word `Installed` alone proves nothing. */
export const newVersionBoots: Effect<UpdateParams> = {
  seenIn: 'behaviour',
  looksLike: 'the charger boots with the new version',
  withinMs: (answer) => (isLater(answer) ? furthestMs : 0) + 24 * 60 * minute,
  seen(facts, since, { reinstall = false }, { expects, fresh }) {
    const wanted = versionIn(expects)
    const { boot, firmware, jobs } = facts
    const booted = boot !== undefined && boot.receivedAt > since && !boot.provoked
    const job = mine(jobs.firmware, since, fresh.number)
    if (job === 'replaced') return { seen: 'no', because: 'another update took its place' }
    const installed = job?.status === 'Installed'
    if (wanted !== undefined && firmware === wanted && booted && (!reinstall || installed))
      return { seen: 'yes', result: { version: firmware } }
    const failure = job === undefined ? undefined : failures[job.status]
    if (failure !== undefined) return { seen: 'no', because: `${failure} (${job?.status})` }
    const bootedSince = installed && booted && boot.receivedAt > (job?.receivedAt ?? 0)
    if (bootedSince && firmware !== undefined && firmware !== wanted)
      return {
        seen: 'no',
        because: `it says Installed and boots with ${firmware} instead of ${wanted}`,
      }
    return notYet
  },
}

function versionIn(expects: Json): string | undefined {
  const version = isJsonObject(expects) ? expects.version : undefined
  return typeof version === 'string' ? version : undefined
}

function mine<Job extends { readonly receivedAt: number; readonly requestId?: number }>(
  job: Job | undefined,
  since: number,
  number: number,
): Job | 'replaced' | undefined {
  if (job === undefined || job.receivedAt <= since) return undefined
  if (job.requestId === undefined || job.requestId === number) return job
  // A last word on an older update says nothing of this one; numbers grow.
  return job.requestId > number ? 'replaced' : undefined
}
