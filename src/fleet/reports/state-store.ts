import type { Version } from '../../ocpp/versions.ts'
import type { Query, Tx } from '../../storage/database.ts'
import type { SkewRecord } from '../clock-skew.ts'
import { noSkewKnown, skewOf } from '../clock-skew.ts'
import { moment, ms, recordset } from '../rows.ts'
import type { Learned } from '../learned/learned.ts'
import type { BootState } from './report.ts'

/** What reports change of a charger itself. Times are ms since the epoch, our clock. */
export interface ChargerState extends Learned {
  readonly identity: string
  readonly bootPolicy: 'accept' | 'pending' | 'reject'
  readonly bootState: BootState
  readonly vendor: string | null
  readonly model: string | null
  readonly serialNumber: string | null
  readonly firmware: string | null
  readonly bootReason: string | null
  readonly bootProvoked: boolean
  readonly heardBootAt: number | null
  readonly heardHeartbeatAt: number | null
  readonly heardStatusAt: number | null
  readonly heardMeterValuesAt: number | null
  /** The same of each EVSE, by its number. */
  readonly heardMeters: Readonly<Record<string, number>>
  readonly skew: SkewRecord
  readonly connected: boolean
  readonly version: Version | null
  readonly epoch: number
  readonly issuedEpoch: number
  readonly closedEpoch: number
  readonly authentication: number
  /** SHA-256 of the certificate shown with the newest connection, and since when that one is shown. */
  readonly certificate: string | null
  readonly certificateAt: number | null
  readonly displacedAt: readonly number[]
  readonly connectedAt: number | null
  readonly gateway: string | null
  readonly lastSeenAt: number | null
  readonly roundTripMs: number | null
  readonly violations: number
  /** Credentials it was given and has not shown; written with the registration, only read here. */
  readonly offeredCredentials: number
  readonly credentialProvenAt: number | null
}

interface StateRow {
  identity: string
  boot_policy: ChargerState['bootPolicy']
  boot_state: BootState
  vendor: string | null
  model: string | null
  serial_number: string | null
  firmware: string | null
  boot_reason: string | null
  boot_provoked: boolean
  heard_boot_at: Date | null
  heard_heartbeat_at: Date | null
  heard_status_at: Date | null
  heard_meter_values_at: Date | null
  heard_meters: ChargerState['heardMeters']
  skew_samples: SkewRecord | readonly []
  connected: boolean
  version: Version | null
  epoch: number
  issued_epoch: number
  closed_epoch: number
  authentication: number
  certificate: string | null
  certificate_at: Date | null
  displaced_at: Date[]
  connected_at: Date | null
  gateway: string | null
  last_seen_at: Date | null
  round_trip_ms: number | null
  violations: number
  capabilities: ChargerState['capabilities']
  jobs: ChargerState['jobs']
  reports: ChargerState['reports']
  uploads: ChargerState['uploads']
  local_list: ChargerState['localList']
  asked: ChargerState['asked']
  reservations: ChargerState['reservations']
  offered_credentials: number
  credential_proven_at: Date | null
  weekly_limits: ChargerState['weeklyLimits']
  maintenance: ChargerState['maintenance']
}

const columns = `s.*, c.boot_policy, jsonb_array_length(c.next_credentials) as offered_credentials,
       c.credential_proven_at`

/** The states of these chargers, locked in one order by everybody, so that nobody waits in a circle. */
export async function lockStates(
  tx: Tx,
  identities: readonly string[],
): Promise<Map<string, ChargerState>> {
  const { rows } = await tx.query<StateRow>(
    `select ${columns} from charger_state s join charger c using (identity)
     where s.identity = any($1) order by s.identity for no key update of s`,
    [identities],
  )
  return new Map(rows.map((row) => [row.identity, toState(row)]))
}

export async function readStates(
  { query }: Query,
  identities: readonly string[],
): Promise<ChargerState[]> {
  const { rows } = await query<StateRow>(
    `select ${columns} from charger_state s join charger c using (identity)
     where s.identity = any($1)`,
    [identities],
  )
  return rows.map(toState)
}

function toState(row: StateRow): ChargerState {
  return {
    identity: row.identity,
    bootPolicy: row.boot_policy,
    bootState: row.boot_state,
    vendor: row.vendor,
    model: row.model,
    serialNumber: row.serial_number,
    firmware: row.firmware,
    bootReason: row.boot_reason,
    bootProvoked: row.boot_provoked,
    heardBootAt: ms(row.heard_boot_at),
    heardHeartbeatAt: ms(row.heard_heartbeat_at),
    heardStatusAt: ms(row.heard_status_at),
    heardMeterValuesAt: ms(row.heard_meter_values_at),
    heardMeters: row.heard_meters,
    skew: 'believed' in row.skew_samples ? row.skew_samples : noSkewKnown,
    connected: row.connected,
    version: row.version,
    epoch: row.epoch,
    issuedEpoch: row.issued_epoch,
    closedEpoch: row.closed_epoch,
    authentication: row.authentication,
    certificate: row.certificate,
    certificateAt: ms(row.certificate_at),
    displacedAt: row.displaced_at.map((at) => at.getTime()),
    connectedAt: ms(row.connected_at),
    gateway: row.gateway,
    lastSeenAt: ms(row.last_seen_at),
    roundTripMs: row.round_trip_ms,
    violations: row.violations,
    capabilities: row.capabilities,
    jobs: row.jobs,
    reports: row.reports,
    uploads: row.uploads,
    localList: row.local_list,
    asked: row.asked,
    reservations: row.reservations,
    offeredCredentials: row.offered_credentials,
    credentialProvenAt: ms(row.credential_proven_at),
    weeklyLimits: row.weekly_limits,
    maintenance: row.maintenance,
  }
}

/** Everything but what was learned, which changes seldom and is saved by `saveLearned`. */
export async function saveStates(tx: Tx, states: readonly ChargerState[]): Promise<void> {
  await tx.query(
    `update charger_state s set
       boot_state = x.boot_state, vendor = x.vendor, model = x.model,
       serial_number = x.serial_number, firmware = x.firmware, boot_reason = x.boot_reason,
       boot_provoked = x.boot_provoked, heard_boot_at = x.heard_boot_at,
       heard_heartbeat_at = x.heard_heartbeat_at, heard_status_at = x.heard_status_at,
       heard_meter_values_at = x.heard_meter_values_at, heard_meters = x.heard_meters, skew_ms = x.skew_ms,
       skew_samples = x.skew_samples, connected = x.connected, version = x.version,
       epoch = x.epoch, issued_epoch = x.issued_epoch, closed_epoch = x.closed_epoch,
       authentication = x.authentication, certificate = x.certificate,
       certificate_at = x.certificate_at, displaced_at = x.displaced_at,
       connected_at = x.connected_at, gateway = x.gateway, last_seen_at = x.last_seen_at,
       round_trip_ms = x.round_trip_ms, violations = x.violations
     from json_to_recordset($1::json) as x(
       identity text, boot_state text, vendor text, model text, serial_number text, firmware text,
       boot_reason text, boot_provoked boolean, heard_boot_at timestamptz,
       heard_heartbeat_at timestamptz, heard_status_at timestamptz,
       heard_meter_values_at timestamptz, heard_meters jsonb, skew_ms double precision, skew_samples jsonb,
       connected boolean, version text, epoch bigint, issued_epoch bigint, closed_epoch bigint,
       authentication smallint, certificate text, certificate_at timestamptz, displaced_at timestamptz[], connected_at timestamptz, gateway text,
       last_seen_at timestamptz, round_trip_ms double precision, violations bigint)
     where s.identity = x.identity`,
    [recordset(states.map(toRow))],
  )
}

function toRow(state: ChargerState): object {
  return {
    identity: state.identity,
    boot_state: state.bootState,
    vendor: state.vendor,
    model: state.model,
    serial_number: state.serialNumber,
    firmware: state.firmware,
    boot_reason: state.bootReason,
    boot_provoked: state.bootProvoked,
    heard_boot_at: moment(state.heardBootAt),
    heard_heartbeat_at: moment(state.heardHeartbeatAt),
    heard_status_at: moment(state.heardStatusAt),
    heard_meter_values_at: moment(state.heardMeterValuesAt),
    heard_meters: state.heardMeters,
    skew_ms: skewOf(state.skew),
    skew_samples: state.skew,
    connected: state.connected,
    version: state.version,
    epoch: state.epoch,
    issued_epoch: state.issuedEpoch,
    closed_epoch: state.closedEpoch,
    authentication: state.authentication,
    certificate: state.certificate,
    certificate_at: moment(state.certificateAt),
    displaced_at: state.displacedAt.map((at) => moment(at)),
    connected_at: moment(state.connectedAt),
    gateway: state.gateway,
    last_seen_at: moment(state.lastSeenAt),
    round_trip_ms: state.roundTripMs,
    violations: state.violations,
  }
}

/**
 * Marks connections as lost of which nothing was heard since a moment, or all that one gateway, or any
 * gateway, held. Returns whom. A gateway that still holds one says so with its next report.
 */
export async function loseConnections(
  tx: Tx,
  which: { readonly silentSince: number } | { readonly gateway: string | undefined },
  at: number,
  detail: string,
): Promise<string[]> {
  const silentSince = 'silentSince' in which ? which.silentSince : null
  const gateway = 'gateway' in which ? (which.gateway ?? null) : null
  const { rows } = await tx.query<{ identity: string }>(
    `with lost as (
       select identity, epoch from charger_state
       where connected and ($1::timestamptz is null or last_seen_at < $1)
         and ($2::text is null or gateway = $2)
       order by identity for no key update
     ), ended as (
       update connection c set closed_at = $3, reason = 'network-lost', detail = $4
       from lost where c.charger = lost.identity and c.epoch = lost.epoch and c.closed_at is null
     )
     update charger_state s set connected = false from lost where s.identity = lost.identity
     returning s.identity`,
    [moment(silentSince), gateway, moment(at), detail],
  )
  return rows.map((row) => row.identity)
}
