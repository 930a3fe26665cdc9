import type { OpenAccess } from '../../src/access/access.ts'
import { openAccess } from '../../src/access/open-access.ts'
import { openAudit } from '../../src/audit/open-audit.ts'
import type { Audit } from '../../src/audit/audit.ts'
import type { ProductEvent } from '../../src/bus/events.ts'
import { subscribeEvents, subscribeFactsChanged } from '../../src/bus/events.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import type { ConditionSettings } from '../../src/fleet/conditions/condition.ts'
import type { OpenFleet } from '../../src/fleet/open-fleet.ts'
import { openFleet } from '../../src/fleet/open-fleet.ts'
import type {
  Admission,
  AdmissionRequest,
  ConnectionReport,
  InboundAnswer,
  InboundCall,
} from '../../src/gateway/protocol.ts'
import { subjects } from '../../src/gateway/protocol.ts'
import { expelOver, openIntake } from '../../src/intake/open-intake.ts'
import type { IntakeSettings } from '../../src/intake/settings.ts'
import { defaultIntakeSettings } from '../../src/intake/settings.ts'
import type { Context } from '../../src/kernel/actor.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import type { Json } from '../../src/kernel/json.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { checkRequest } from '../../src/ocpp/validation.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { OpenTrust } from '../../src/trust/open-trust.ts'
import type { TestDatabase } from './database.ts'
import { testDatabase } from './database.ts'
import { testTrust } from './trust.ts'

export const owner: Context = {
  actor: { kind: 'person', id: 'owner', name: 'Owner' },
  origin: { face: 'cli', address: '127.0.0.1', requestId: 'r-1' },
}

/** A control node with a fleet, on a real database, spoken to as a gateway and a face speak to it. */
export interface FleetWorld extends TestDatabase {
  readonly bus: Bus
  readonly clock: ManualClock
  readonly audit: Audit
  readonly fleet: OpenFleet
  readonly access: OpenAccess
  readonly trust: OpenTrust
  /** What was published, oldest first. */
  readonly events: ProductEvent[]
  readonly changed: string[]
  /** Lets what was published arrive. */
  settle(): Promise<void>
  ask<Answer>(subject: string, message: unknown): Promise<Answer>
  admit(
    identity: string,
    password: string | Uint8Array,
    over?: Partial<AdmissionRequest>,
  ): Promise<Admission>
  report(...reports: ConnectionReport[]): Promise<void>
  /** Registers a charger and connects it. */
  charger(identity: string, options?: { readonly version?: Version }): Promise<TestCharger>
}

/** A connected charger whose messages come through the bus, checked as a gateway checks them. */
export interface TestCharger {
  readonly identity: string
  readonly credential: string
  readonly epoch: number
  call(action: string, payload: object | null, over?: Partial<InboundCall>): Promise<InboundAnswer>
  /** The payload of the CALLRESULT; fails on an error answer. */
  say<Answer = Record<string, unknown>>(
    action: string,
    payload: object,
    over?: Partial<InboundCall>,
  ): Promise<Answer>
  close(): Promise<void>
}

interface Lasting {
  after(cleanUp: () => void | Promise<void>): void
}

export async function fleetWorld(
  t: Lasting,
  options: {
    readonly settings?: Partial<IntakeSettings>
    readonly conditions?: ConditionSettings
  } = {},
): Promise<FleetWorld> {
  const kit = await testDatabase(t)
  const clock = new ManualClock('2026-03-01T12:00:00Z')
  const bus = memoryBus({ freeze: true })
  t.after(() => bus.close())
  const audit = openAudit({ database: kit.database })
  const fleet = openFleet({
    database: kit.database,
    bus,
    audit,
    clock,
    newId: uuid7(clock),
    log: silentLog,
    expel: expelOver(bus, silentLog),
    ...(options.conditions === undefined ? {} : { conditionSettings: options.conditions }),
  })
  const settings = { ...defaultIntakeSettings, ...options.settings }
  const access = await openAccess({
    ...{ database: kit.database, bus, audit, clock, fleet },
    newId: uuid7(clock),
    log: silentLog,
  })
  t.after(() => access.close())
  const trust = await testTrust(t, { database: kit.database, bus, audit, clock })
  const intake = openIntake({ bus, fleet, access, trust, clock, log: silentLog, settings })
  t.after(() => intake.close())
  const events: ProductEvent[] = []
  const changed: string[] = []
  subscribeEvents(bus, (event) => events.push(event))
  subscribeFactsChanged(bus, (identities) => changed.push(...identities))

  const ask = async <Answer>(subject: string, message: unknown): Promise<Answer> =>
    (await bus.request(subject, message as Json, { timeoutMs: 10_000 })) as Answer
  const report = async (...reports: ConnectionReport[]): Promise<void> => {
    await ask(subjects.connections, reports)
  }
  const admit: FleetWorld['admit'] = (identity, password, over = {}) =>
    ask(subjects.admission, {
      gateway: 'g-1',
      identity,
      remoteAddress: '192.0.2.7',
      offeredProtocols: ['ocpp1.6'],
      version: '1.6',
      basic: { username: identity, passwordBase64: Buffer.from(password).toString('base64') },
      path: '/ocpp/',
      ...over,
    } satisfies AdmissionRequest)

  return {
    ...kit,
    bus,
    clock,
    audit,
    fleet,
    access,
    trust,
    events,
    changed,
    ask,
    admit,
    report,
    async settle() {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    },
    async charger(identity, { version = '1.6' } = {}) {
      const { credential } = await fleet.register(owner, { identity })
      const admission = await admit(identity, credential!, {
        version,
        offeredProtocols: [`ocpp${version}`],
      })
      if (!admission.admitted) throw new Error(`${identity} was refused: ${admission.reason}`)
      const { epoch } = admission
      const connection = { gateway: 'g-1', identity, epoch }
      const opened = { kind: 'opened', ...connection, version, at: clock.now() } as const
      await report({ ...opened, remoteAddress: '192.0.2.7' })
      let messages = 0
      const call: TestCharger['call'] = (action, payload, over = {}) => {
        messages += 1
        const receivedAt = over.receivedAt ?? clock.now()
        const checked = checkRequest('from-charger', version, action, payload, receivedAt)
        return ask(subjects.inbound, {
          identity,
          epoch,
          version,
          messageId: String(messages),
          action,
          payload: checked.payload as Json,
          valid: checked.valid,
          receivedAt,
          provoked: false,
          unanswered: false,
          ...over,
        } satisfies InboundCall)
      }
      return {
        identity,
        credential: credential!,
        epoch,
        call,
        async say<Answer>(action: string, payload: object, over?: Partial<InboundCall>) {
          const answer = await call(action, payload, over)
          if (answer.kind === 'error')
            throw new Error(`${action}: ${answer.code} ${answer.description}`)
          return answer.payload as Answer
        },
        close: () =>
          report({
            kind: 'closed',
            ...connection,
            at: clock.now(),
            reason: 'charger-closed',
            code: 1000,
            detail: '',
          }),
      }
    },
  }
}
