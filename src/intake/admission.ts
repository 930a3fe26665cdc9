import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { quirkOf, resolveProfile } from '../models/profile.ts'
import type { Version } from '../ocpp/versions.ts'
import type { OpenFleet } from '../fleet/open-fleet.ts'
import type { Violating } from '../fleet/reports/report.ts'
import { CredentialsBusyError } from '../fleet/registry/credential.ts'
import type {
  Admission,
  AdmissionRequest,
  ConnectionPolicy,
  Displacement,
} from '../gateway/protocol.ts'
import { forEver } from '../gateway/trace-protocol.ts'
import type { OpenTrust } from '../trust/open-trust.ts'
import { isPassing } from './passing.ts'
import { policyFor } from './policy.ts'
import type { Standing } from './security.ts'
import { standingOf, tooWeak } from './security.ts'
import type { IntakeSettings } from './settings.ts'

/** So many displacements of a live connection in an hour are no network change any more. */
const suspiciousDisplacements = 3

const retryAfterSeconds = 5

export interface AdmissionHouse {
  readonly fleet: Pick<OpenFleet, 'admissions' | 'reports' | 'raiseLowestProfile'>
  readonly trust: Pick<OpenTrust, 'inspect' | 'confirm'>
  readonly clock: Clock
  readonly log: Log
  readonly settings: IntakeSettings
  readonly displaced: (displacement: Displacement) => void
}

/** Decides who may connect: 404 for an unknown identity, 401 for a wrong credential, 503 when it cannot tell now. */
export function openAdmission(
  house: AdmissionHouse,
): (request: AdmissionRequest) => Promise<Admission> {
  const { log } = house
  return async (request) => {
    try {
      return await decide(house, request)
    } catch (error) {
      if (!isPassing(error) && !(error instanceof CredentialsBusyError)) throw error
      log.warn({ err: error, charger: request.identity }, 'an admission could not be decided')
      return refused(503, 'nobody can decide now', retryAfterSeconds)
    }
  }
}

async function decide(house: AdmissionHouse, request: AdmissionRequest): Promise<Admission> {
  const { fleet, trust } = house
  const { identity } = request
  const standing = await standingOf(trust, request)
  const recognised = await fleet.admissions.recognise(identity, shownIn(request, standing))
  switch (recognised.kind) {
    case 'unknown':
      return noteUnknown(house, request, standing)
    case 'wrong-credential':
      await note(house, identity, wrongCredential(request, standing))
      return refused(401, 'the credential is not right')
    case 'recognised': {
      const { profile } = standing
      const weak = tooWeak(profile, recognised.lowestProfile, house.settings.securityProfiles)
      if (weak === undefined) return admit(house, request, recognised, standing)
      await note(house, identity, `${weak}, ${whence(request)}`)
      return refused(401, weak)
    }
  }
}

/** What the charger is recognised by. A certificate that says it is another is not made good by a password. */
function shownIn(
  { identity, basic }: AdmissionRequest,
  { inspection }: Standing,
): Uint8Array | 'certificate' | undefined {
  if (inspection?.kind === 'good') return 'certificate'
  if (inspection?.kind === 'bad') return undefined
  // The user name must be the identity (OCPP 1.6 security extension A00.FR.204, 2.x A00.FR.204).
  return basic?.username === identity ? Buffer.from(basic.passwordBase64, 'base64') : undefined
}

function refused(
  status: 401 | 404 | 503,
  reason: string,
  retryAfter?: number,
): Extract<Admission, { admitted: false }> {
  const refusal = { admitted: false as const, status, reason }
  return retryAfter === undefined ? refusal : { ...refusal, retryAfterSeconds: retryAfter }
}

async function noteUnknown(
  { fleet, clock }: AdmissionHouse,
  { identity, remoteAddress, offeredProtocols }: AdmissionRequest,
  { problem }: Standing,
): Promise<Admission> {
  await fleet.admissions.knock({
    identity,
    at: clock.now(),
    remoteAddress: remoteAddress.slice(0, 100),
    offeredProtocols: offeredProtocols.slice(0, 10).map((name) => name.slice(0, 50)),
    ...(problem === undefined ? {} : { problem: problem.slice(0, 300) }),
  })
  return refused(404, 'no such charger is registered')
}

function whence({ remoteAddress }: AdmissionRequest): string {
  return `in a connection attempt from ${remoteAddress.slice(0, 100)}`
}

function wrongCredential(request: AdmissionRequest, { inspection, problem }: Standing): string {
  const { identity, basic } = request
  const from = whence(request)
  if (inspection?.kind === 'bad' || (basic === undefined && problem !== undefined))
    return `${problem}, ${from}`
  if (basic === undefined) return `no credential ${from}`
  if (basic.username !== identity) return `a user name that is not the identity ${from}`
  return `a wrong password ${from}`
}

type Recognised = Extract<
  Awaited<ReturnType<OpenFleet['admissions']['recognise']>>,
  { kind: 'recognised' }
>

/** The record's version, or that of the model, stands in only where the charger offers none at all. */
function assumedVersion(
  { offeredProtocols }: AdmissionRequest,
  { assumeProtocol, known }: Recognised,
): Version | undefined {
  if (offeredProtocols.length > 0) return undefined
  return assumeProtocol ?? quirkOf(resolveProfile(known), 'no-subprotocol-header')?.assume
}

async function admit(
  house: AdmissionHouse,
  request: AdmissionRequest,
  recognised: Recognised,
  { profile, inspection }: Standing,
): Promise<Admission> {
  const { fleet, clock, displaced, trust } = house
  const { identity } = request
  const assumed = assumedVersion(request, recognised)
  const protocolVersion = request.version ?? assumed
  const { known, bootState, admission } = await fleet.reports.hear({
    kind: 'admitting',
    identity,
    at: clock.now(),
    authentication: profile,
    ...(inspection?.kind === 'good' ? { certificate: inspection.fingerprint } : {}),
    willSpeak: protocolVersion !== undefined,
  })
  if (!known || admission === undefined) return refused(404, 'no such charger is registered')
  const { epoch, displaces, displacements } = admission
  if (epoch === undefined) {
    await note(house, identity, 'weaker authentication than the connection that is open')
    return refused(401, 'a connection with stronger authentication is open')
  }
  if (inspection?.kind === 'good') await trust.confirm(identity, inspection)
  if (profile > recognised.lowestProfile) await fleet.raiseLowestProfile(identity, profile)
  if (displaces) displaced({ identity, epoch })
  if (displaces && displacements >= suspiciousDisplacements)
    await noteContest(house, identity, displacements)
  return {
    admitted: true,
    epoch,
    bootState,
    policy: {
      ...policyFor(
        bootState,
        resolveProfile({ ...recognised.known, protocolVersion }),
        house.settings,
      ),
      ...tracing(recognised, house),
    },
    ...(assumed === undefined ? {} : { version: assumed }),
  }
}

/** Which messages the gateway gives to the trace. */
function tracing(
  { traceUntil }: Recognised,
  { clock, settings }: AdmissionHouse,
): Pick<ConnectionPolicy, 'traceUntil'> {
  if (settings.traceAll === true) return { traceUntil: forEver }
  return traceUntil !== undefined && traceUntil > clock.now() ? { traceUntil } : {}
}

async function noteContest(
  house: AdmissionHouse,
  identity: string,
  displacements: number,
): Promise<void> {
  const detail =
    `its live connection was displaced ${displacements} times within an hour: ` +
    'two chargers share the identity, somebody else uses it, or its network keeps changing'
  house.log.warn({ charger: identity, displacements }, 'a connection is displaced repeatedly')
  await note(house, identity, detail)
}

async function note(
  { fleet, clock }: AdmissionHouse,
  identity: string,
  detail: string,
): Promise<void> {
  const violation: Violating = {
    kind: 'violating',
    identity,
    at: clock.now(),
    violation: 'handshake',
    detail,
    frame: '',
  }
  await fleet.reports.hear(violation)
}
