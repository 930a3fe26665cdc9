import type { JsonObject } from '../../kernel/json.ts'
import { mergeCapabilities } from '../../models/capability.ts'
import type { Capabilities, Capability } from '../../models/capability.ts'
import type {
  AskedKind,
  JobFacts,
  JobKind,
  LocalListFacts,
  MaintenanceFacts,
  ReservationFacts,
  UploadFacts,
} from '../../operations/facts.ts'
import type { Observation } from '../../operations/observation.ts'
import type { ReportRecord } from './reports.ts'

/** What a charger let us know beyond its state. */
export interface Learned {
  readonly capabilities: Capabilities
  readonly jobs: Partial<Readonly<Record<JobKind, JobFacts>>>
  readonly reports: readonly ReportRecord[]
  readonly uploads: readonly UploadFacts[]
  readonly localList: LocalListFacts | null
  readonly asked: Partial<Readonly<Record<AskedKind, number>>>
  readonly reservations: readonly ReservationFacts[]
  readonly weeklyLimits: readonly WeeklyLimit[]
  /** Written by those who put it under maintenance; only read here. */
  readonly maintenance: MaintenanceFacts | null
}

/** A weekly limit the charger holds, and the moment after which it is sent again. */
export interface WeeklyLimit {
  /** EVSE, or 0 for the whole charger. */
  readonly place: number
  /** Of `power.limit`. */
  readonly params: JsonObject
  /** ms since the epoch. */
  readonly after: number
}

/** How many uploads of one charger are among its facts. All are kept as files. */
const keptUploads = 10

/** Adds what an answer taught; the same object where it is no news. Settings are stored apart. */
export function withObservation<L extends Learned & { readonly firmware: string | null }>(
  learned: L,
  observation: Observation,
  at: number,
): L {
  switch (observation.kind) {
    case 'capability': {
      const { name, value, source, why } = observation
      const known = learned.capabilities[name]
      if (known?.source === source && sameJson(known.value, value)) return learned
      const ofFirmware = learned.firmware === null ? {} : { firmware: learned.firmware }
      const capability: Capability = { value, source, since: at, why, ...ofFirmware }
      const capabilities = mergeCapabilities(learned.capabilities, { [name]: capability })
      return capabilities[name] === capability ? { ...learned, capabilities } : learned
    }
    case 'local-list': {
      const { list, revision, version } = observation
      return { ...learned, localList: { list, revision, version, at } }
    }
    case 'local-list-version': {
      // Another number than we gave it: what it holds is not what we sent.
      const { version } = observation
      if (learned.localList?.version === version) return learned
      return { ...learned, localList: { version, at } }
    }
    case 'reservation': {
      const { id, until, evse } = observation
      const others = learned.reservations.filter((one) => one.id !== id)
      const made = { id, until, at, ...(evse === undefined ? {} : { evse }) }
      const reservations = [...others, made].slice(-keptReservations)
      return { ...learned, reservations }
    }
    case 'weekly-limit': {
      const { place, again } = observation
      const others = learned.weeklyLimits.filter((one) => one.place !== place)
      if (again === null && others.length === learned.weeklyLimits.length) return learned
      const weeklyLimits = again === null ? others : [...others, { place, ...again }]
      return { ...learned, weeklyLimits }
    }
    case 'upload': {
      const { dispatch, file, name, size } = observation
      const uploads = [...learned.uploads, { dispatch, file, name, size, receivedAt: at }]
      return { ...learned, uploads: uploads.slice(-keptUploads) }
    }
    case 'settings':
      return learned
  }
}

/** How many reservations of one charger are remembered. */
const keptReservations = 20

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** What was found out about the firmware before says nothing of the new one. What a person said stands. */
export function forgetFirmware(capabilities: Capabilities): Capabilities {
  return Object.fromEntries(
    Object.entries(capabilities).filter(([, known]) => known.source === 'overridden'),
  )
}
