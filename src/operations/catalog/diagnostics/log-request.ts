import Type from 'typebox'
import type { Static } from 'typebox'
import { textsOf } from '../../../models/capability.ts'
import { clockTrouble } from '../../clock.ts'
import type { ChargerFacts } from '../../facts.ts'
import type { FileProtocol } from '../../file-links.ts'
import { isRefusal, notYet, refuse, refusedBecause } from '../../operation.ts'
import type { Effect, Fresh, Refusal, Verdict } from '../../operation.ts'

const minute = 60_000

/** What both ways of asking for a log take. */
export const logParams = Type.Object(
  {
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'Oldest entry wanted (ISO 8601)' }),
    ),
    to: Type.Optional(
      Type.String({ format: 'date-time', description: 'Newest entry wanted (ISO 8601)' }),
    ),
    retries: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10,
        description: 'How often the charger tries again to upload; 3 when absent',
      }),
    ),
  },
  { additionalProperties: false },
)
export type LogParams = Static<typeof logParams>

const retryIntervalSeconds = 60

export function checkPeriod({ from, to }: LogParams): Refusal | undefined {
  for (const [field, text] of Object.entries({ from, to }))
    if (text !== undefined && Number.isNaN(Date.parse(text)))
      return refuse('it must be a date and time such as 2026-05-01T12:00:00Z', field)
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to))
    return refuse('the period ends before it begins', 'to')
  return undefined
}

/** Where the charger shall upload to, by a protocol it has. */
export function uploadAddress(charger: ChargerFacts, fresh: Fresh): string | Refusal {
  const protocols = protocolsOf(charger)
  const address = fresh.upload(protocols)
  if (address !== undefined) return address
  return refuse(noSharedProtocol(protocols))
}

/** The transfer protocols a charger is known to have, undefined where nobody knows. */
export function protocolsOf({ capabilities }: ChargerFacts): readonly FileProtocol[] | undefined {
  const known: readonly string[] = ['HTTP', 'HTTPS', 'FTP', 'FTPS', 'SFTP']
  const names = textsOf(capabilities, 'file-protocols')?.map((name) => name.toUpperCase())
  return names?.filter((name): name is FileProtocol => known.includes(name))
}

export function noSharedProtocol(protocols: readonly FileProtocol[] | undefined): string {
  if (protocols === undefined)
    return 'no file plane is open here, so there is nowhere to send files'
  const can = protocols.length === 0 ? 'no protocol we know' : `only ${protocols.join(', ')}`
  return `this charger can transfer files by ${can}, which the file plane here does not serve`
}

/** The request of GetLog, alike in the 1.6 security extension (A05) and 2.x (N01). */
export function logRequest<Kind extends string>(
  logType: Kind,
  params: LogParams,
  charger: ChargerFacts,
  fresh: Fresh,
) {
  const remoteLocation = uploadAddress(charger, fresh)
  if (typeof remoteLocation !== 'string') return remoteLocation
  const period = periodFor(params, charger)
  if (isRefusal(period)) return period
  const { from, to } = period
  return {
    logType,
    requestId: fresh.number,
    retries: params.retries ?? 3,
    retryInterval: retryIntervalSeconds,
    log: {
      remoteLocation,
      ...(from === undefined ? {} : { oldestTimestamp: from }),
      ...(to === undefined ? {} : { latestTimestamp: to }),
    },
  }
}

/** The period asked for. A charger whose clock is wrong dates its entries wrongly, so it must not choose by time. */
export function periodFor({ from, to }: LogParams, charger: ChargerFacts): LogParams | Refusal {
  if (from === undefined && to === undefined) return {}
  const trouble = clockTrouble(charger, 10 * minute)
  if (trouble !== undefined)
    return refuse(`${trouble}; ask without a period`, from === undefined ? 'to' : 'from')
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

export const logAnswers = {
  Accepted: ({ filename }: { filename?: string }): Verdict => willSend(filename),
  AcceptedCanceled: ({ filename }: { filename?: string }): Verdict =>
    willSend(filename, 'an upload that was under way was given up for this one'),
  Rejected: refusedBecause('the charger rejected the request for its log'),
}

export function willSend(fileName: string | undefined, detail?: string): Verdict {
  return {
    meaning: 'accepted',
    ...(fileName === undefined ? {} : { result: { fileName } }),
    ...(detail === undefined ? {} : { detail }),
  }
}

const failures: Readonly<Record<string, string>> = {
  UploadFailed: 'the charger could not upload it',
  UploadFailure: 'the charger could not upload it',
  BadMessage: 'the charger could not read the request',
  NotSupportedOperation: 'the charger cannot do this',
  PermissionDenied: 'the file plane did not let the charger in',
  AcceptedCanceled: 'the charger gave it up for a newer request',
}

/** The file is here: what the charger says of its upload is only a claim. */
export function fileArrives(job: 'log' | 'diagnostics'): Effect<LogParams> {
  return {
    seenIn: 'behaviour',
    looksLike: 'the file arrives at our file plane',
    withinMs: 60 * minute,
    seen(facts, since, _params, { fresh }) {
      const upload = facts.uploads.findLast(({ dispatch }) => dispatch === fresh.dispatch)
      if (upload !== undefined) {
        const { file, name, size } = upload
        return { seen: 'yes', result: { file, name, size } }
      }
      const told = facts.jobs[job]
      if (told === undefined || told.receivedAt <= since) return notYet
      if (told.requestId !== undefined && told.requestId !== fresh.number) return notYet
      const failure = failures[told.status]
      return failure === undefined ? notYet : { seen: 'no', because: `${failure} (${told.status})` }
    },
  }
}
