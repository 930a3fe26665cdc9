import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { conditionKinds } from '../fleet/conditions/condition.ts'
import type { GatewayMetrics } from '../gateway/metrics.ts'
import { tallyCount, tallyLatency } from './tallies.ts'

/** Everything the product counts, and the functions by which the rooms below say what to count. */
export interface Metrics {
  readonly registry: Registry
  readonly gateway: GatewayMetrics
  /** A command's part for one charger came to this state. */
  readonly commandState: (state: string, operation: string) => void
  /** One transaction of the database was committed. */
  readonly committed: (changes: number, ms: number) => void
  readonly answered: (request: AnsweredRequest) => void
  /** Where to read how many chargers each condition holds for; all zero until then. */
  conditions(read: () => ReadonlyMap<string, number>): void
  /** Where to read what is measured only when somebody asks. */
  /** A log signed another tree than this witness had cosigned, of the same size. */
  readonly witnessRefusal: () => void
  gauge(name: MeasuredWhenAsked, read: () => number): void
}

/** A request to the operator plane. `route` is the pattern, so that its values are few. */
export interface AnsweredRequest {
  readonly route: string
  readonly method: string
  readonly status: number
  readonly seconds: number
}

const measuredWhenAsked = {
  ota_dispatch_queue_depth: 'Commands on chargers waiting for their turn',
  ota_commit_queue_depth: 'Changes waiting to be committed',
  ota_charger_certificates_expiring: 'Certificates in use that end within 30 days',
  ota_charger_certificates_expired: 'Certificates in use that have ended',
  ota_event_stream_clients: 'Clients listening to the event stream',
  ota_record_trouble: '1 while the audit record is not the one that was signed; alert on it',
  ota_record_witnesses_in_trouble: 'Witnesses that do not cosign the audit record; alert on it',
  ota_siem_told_sequence: 'The last audit entry told to the receiver of syslog by this node',
} as const
export type MeasuredWhenAsked = keyof typeof measuredWhenAsked

const latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const callLatencies = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

/** Metrics in a registry of their own. Every name begins with `ota_`. */
export function openMetrics(options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry()
  if (options.process !== false) collectDefaultMetrics({ register: registry, prefix: 'ota_' })
  const registers = [registry]
  const readers = new Map<string, () => number>()
  for (const [name, help] of Object.entries(measuredWhenAsked))
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(readers.get(name)?.() ?? 0)
      },
    })
  const states = tallyCount({
    name: 'ota_command_states_total',
    help: 'Times a command came to a state on a charger',
    labelNames: ['state', 'operation'],
    registry,
  })
  return {
    registry,
    gateway: gatewayMetrics(registry),
    commandState: (state, operation) => states(state, operation),
    committed: commitMetrics(registers),
    answered: requestMetrics(registry),
    witnessRefusal: witnessMetrics(registers),
    gauge(name, read) {
      readers.set(name, read)
    },
    conditions: conditionMetrics(registers),
  }
}

function witnessMetrics(registers: Registry[]): Metrics['witnessRefusal'] {
  const refusals = new Counter({
    name: 'ota_witness_refusals_total',
    help: 'Checkpoints not cosigned since the log signed another tree of that size, a fork; alert on it',
    registers,
  })
  return () => refusals.inc()
}

function conditionMetrics(registers: Registry[]): Metrics['conditions'] {
  let counts: () => ReadonlyMap<string, number> = () => new Map()
  new Gauge({
    name: 'ota_charger_conditions',
    help: 'Chargers for which a condition holds, by condition',
    labelNames: ['condition'],
    registers,
    collect() {
      const known = counts()
      for (const condition of conditionKinds) this.set({ condition }, known.get(condition) ?? 0)
    },
  })
  return (read) => {
    counts = read
  }
}

function commitMetrics(registers: Registry[]): Metrics['committed'] {
  const size = new Histogram({
    name: 'ota_commit_changes',
    help: 'Changes committed together in one transaction',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000],
    registers,
  })
  const seconds = new Histogram({
    name: 'ota_commit_seconds',
    help: 'How long a transaction took to be durable',
    buckets: latencies,
    registers,
  })
  return (changes, ms) => {
    size.observe(changes)
    seconds.observe(ms / 1000)
  }
}

function requestMetrics(registry: Registry): Metrics['answered'] {
  const requests = tallyCount({
    name: 'ota_http_requests_total',
    help: 'Requests to the operator plane answered',
    labelNames: ['route', 'method', 'status'],
    registry,
  })
  const seconds = tallyLatency({
    name: 'ota_http_request_seconds',
    help: 'How long a request to the operator plane took',
    labelNames: ['route', 'method'],
    buckets: latencies,
    registry,
  })
  return ({ route, method, status, seconds: took }) => {
    requests(route, method, String(status))
    seconds(took, route, method)
  }
}

function gatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry]
  const connections = new Gauge({
    name: 'ota_charger_connections',
    help: 'Chargers connected to this gateway, by OCPP version',
    labelNames: ['version'],
    registers,
  })
  const opened = new Counter({
    name: 'ota_charger_connections_opened_total',
    help: 'Connections of chargers opened, by OCPP version',
    labelNames: ['version'],
    registers,
  })
  const closed = new Counter({
    name: 'ota_charger_connections_closed_total',
    help: 'Connections of chargers closed, by reason',
    labelNames: ['reason'],
    registers,
  })
  const refused = new Counter({
    name: 'ota_handshakes_refused_total',
    help: 'Handshakes of chargers refused, by HTTP status',
    labelNames: ['status'],
    registers,
  })
  const tlsFailed = new Counter({
    name: 'ota_tls_handshakes_failed_total',
    help: 'TLS handshakes of chargers that failed, by OpenSSL’s reason',
    labelNames: ['reason'],
    registers,
  })
  const decided = new Histogram({
    name: 'ota_handshake_seconds',
    help: 'From a charger’s upgrade request to the decision',
    buckets: latencies,
    registers,
  })
  const connection = {
    opened(version) {
      connections.inc({ version })
      opened.inc({ version })
    },
    closed(reason, _openMs, version) {
      if (version !== undefined) connections.dec({ version })
      closed.inc({ reason })
    },
    handshakeRefused: (status) => refused.inc({ status }),
    tlsFailed: (reason) => tlsFailed.inc({ reason }),
    handshakeDecided: (ms) => decided.observe(ms / 1000),
  } satisfies Partial<GatewayMetrics>
  return { ...connection, ...messageMetrics(registry) }
}

function messageMetrics(
  registry: Registry,
): Omit<
  GatewayMetrics,
  'opened' | 'closed' | 'handshakeRefused' | 'tlsFailed' | 'handshakeDecided'
> {
  const registers = [registry]
  const messages = tallyCount({
    name: 'ota_messages_total',
    help: 'OCPP messages, by direction, version, kind and action',
    labelNames: ['direction', 'version', 'kind', 'action'],
    registry,
  })
  const answers = tallyLatency({
    name: 'ota_answer_seconds',
    help: 'From a charger’s CALL to our answer',
    labelNames: ['action'],
    buckets: latencies,
    registry,
  })
  const calls = new Histogram({
    name: 'ota_call_seconds',
    help: 'From the frame of our CALL to its end',
    labelNames: ['action', 'end'],
    buckets: callLatencies,
    registers,
  })
  const violations = new Counter({
    name: 'ota_violations_total',
    help: 'Things chargers said that OCPP does not allow, by kind',
    labelNames: ['kind'],
    registers,
  })
  const retried = new Counter({
    name: 'ota_control_retries_total',
    help: 'Messages that had to be handed to control again',
    registers,
  })
  const paused = new Counter({
    name: 'ota_connection_pauses_total',
    help: 'Times a connection was stopped from sending for a moment',
    labelNames: ['why'],
    registers,
  })
  return {
    received: (version, kind, action) => messages('in', version, kind, action),
    sent: (version, kind, action) => messages('out', version, kind, action),
    answeredCharger: (action, ms) => answers(ms / 1000, action),
    callEnded: (action, end, ms) => calls.observe({ action, end }, ms / 1000),
    violation: (kind) => violations.inc({ kind }),
    controlRetried: () => retried.inc(),
    paused: (why) => paused.inc({ why }),
  }
}
