import { setImmediate } from 'node:timers/promises'
import { openAudit } from '../../src/audit/open-audit.ts'
import type { Audit } from '../../src/audit/audit.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { memoryBus } from '../../src/bus/memory.ts'
import { openCommands } from '../../src/commands/open-commands.ts'
import type { CommandEngine } from '../../src/commands/open-commands.ts'
import type { CommandDetail } from '../../src/commands/commands.ts'
import { learn } from '../../src/fleet/learned/learn.ts'
import { openFleet } from '../../src/fleet/open-fleet.ts'
import type { OpenFleet } from '../../src/fleet/open-fleet.ts'
import type { Registration } from '../../src/fleet/fleet.ts'
import { subjects } from '../../src/gateway/protocol.ts'
import type { CallOrder, CallOutcome } from '../../src/gateway/protocol.ts'
import type { Context } from '../../src/kernel/actor.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { uuid7 } from '../../src/kernel/ids.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { checkRequest } from '../../src/ocpp/validation.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import type { Gate } from '../../src/policy/gate.ts'
import { noFileLinks } from '../../src/operations/file-links.ts'
import { understand } from '../../src/signals/understand.ts'
import { openUpkeep } from '../../src/upkeep/open-upkeep.ts'
import type { OpenUpkeep } from '../../src/upkeep/open-upkeep.ts'
import { testDatabase } from './database.ts'
import { openDoor } from './policy.ts'
import type { Lasting, TestDatabase } from './database.ts'

export const anna: Context = {
  actor: { kind: 'person', id: 'p-anna', name: 'Anna' },
  origin: { face: 'api', address: '127.0.0.1' },
}
export const ben: Context = {
  actor: { kind: 'person', id: 'p-ben', name: 'Ben' },
  origin: { face: 'cli', address: '127.0.0.1' },
}

/** What a charger says to a CALL; undefined: nothing, ever. */
export type Answers = (action: string, payload: JsonObject) => JsonObject | undefined | CallError
export type CallError = { readonly errorCode: string }

/** A charger as this room's rooms below see it: it reports, and answers CALLs as the test says. */
export interface ScriptedCharger {
  readonly identity: string
  /** CALLs received, oldest first. */
  readonly calls: readonly { readonly action: string; readonly payload: JsonObject }[]
  answers: Answers
  /** Does something after it has answered. */
  soon(work: () => Promise<void>): void
  connect(): Promise<void>
  disconnect(): Promise<void>
  boot(more?: Readonly<Record<string, string>>): Promise<void>
  /** Tells the status of an EVSE with its one connector; on OCPP 1.6 of a connector. */
  status(evse: number, status: string, connector?: number): Promise<void>
  /** Any message of its own. */
  say(action: string, payload: object): Promise<void>
}

/** The room on a real database, with the fleet and the commands below it, and chargers that tests play. */
export interface UpkeepWorld extends TestDatabase {
  readonly clock: ManualClock
  readonly bus: Bus
  readonly audit: Audit
  readonly fleet: OpenFleet
  readonly commands: CommandEngine
  readonly upkeep: OpenUpkeep
  charger(
    identity: string,
    options?: { readonly version?: Version; readonly registration?: Partial<Registration> },
  ): Promise<ScriptedCharger>
  /** Lets everything that is under way come to rest. */
  settle(): Promise<void>
  /** Lets time pass in steps, and everything come to rest after each. */
  pass(ms: number): Promise<void>
  /** Opens the room a second time beside the first, as on another node. */
  another(): Promise<OpenUpkeep>
  /** Control ends and another takes over on the same database. */
  restart(): Promise<void>
  /** All commands there are, oldest first. */
  submitted(): Promise<readonly CommandDetail[]>
  /** The events on the record but those of commands, oldest first. */
  record(charger?: string): Promise<string[]>
}

const stepMs = 5_000

export async function upkeepWorld(
  t: Lasting,
  options: {
    readonly interview?: boolean
    /** What every submission passes; lets everything pass unless said. */
    readonly policy?: Gate
  } = {},
): Promise<UpkeepWorld> {
  const kit = await testDatabase(t)
  const { database } = kit
  const clock = new ManualClock('2026-03-01T12:00:00Z')
  const bus = memoryBus({ freeze: true })
  t.after(() => bus.close())
  const audit = openAudit({ database })
  const newId = uuid7(clock)
  const house = { database, bus, audit, clock, newId, log: silentLog }
  const fleet = openFleet({ ...house, expel: () => undefined })
  let commands = await openEngine()
  let upkeep = await openRoom()
  const others: OpenUpkeep[] = []
  t.after(async () => {
    for (const room of [upkeep, ...others]) await room.close()
    await commands.close()
  })

  function openEngine(): Promise<CommandEngine> {
    return openCommands({
      policy: options.policy ?? openDoor,
      ...{ ...house, fleet, learn, links: noFileLinks, gatewayRestarted: false },
      supplies: () => Promise.resolve(null),
    })
  }
  function openRoom(): Promise<OpenUpkeep> {
    const { interview = false } = options
    const policy = options.policy ?? openDoor
    return openUpkeep({ ...house, fleet, commands, policy, settings: { interview } })
  }

  /** What chargers are about to do. */
  const doing = new Set<Promise<void>>()
  function track(work: Promise<void>): void {
    const ended = work.finally(() => doing.delete(ended))
    doing.add(ended)
  }

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 6; quiet += 1) {
      await setImmediate()
      if (doing.size > 0) quiet = 0
      await Promise.all(doing)
      await commands.idle()
      for (const room of [upkeep, ...others]) await room.idle()
    }
  }

  let epochs = 0
  const report = async (...outcomes: CallOutcome[]): Promise<void> => {
    await bus.request(subjects.outcomes, outcomes as unknown as Json, { timeoutMs: 5_000 })
  }

  const world: UpkeepWorld = {
    ...kit,
    clock,
    bus,
    audit,
    fleet,
    get commands() {
      return commands
    },
    get upkeep() {
      return upkeep
    },
    settle,
    async pass(ms) {
      for (let left = ms; left > 0; left -= stepMs) {
        await clock.advance(Math.min(stepMs, left))
        await settle()
      }
    },
    async another() {
      const second = await openRoom()
      others.push(second)
      return second
    },
    async restart() {
      await Promise.all(doing)
      await upkeep.close()
      await commands.close()
      commands = await openEngine()
      upkeep = await openRoom()
      await settle()
    },
    async submitted() {
      const page = await commands.list({ limit: 200 }, {})
      const shown = await Promise.all(page.items.map(({ id }) => commands.show(id)))
      return shown.reverse()
    },
    async record(charger) {
      const entries = await audit.list({
        limit: 1000,
        ...(charger === undefined ? {} : { charger }),
      })
      return entries.map(({ event }) => event).filter((event) => !event.startsWith('command.'))
    },
    async charger(identity, { version = '1.6', registration = {} } = {}) {
      await fleet.register(anna, { identity, ...registration })
      const calls: { action: string; payload: JsonObject }[] = []
      let epoch = 0
      let messages = 0
      let connected = false
      async function answer({ callId, action, payload }: CallOrder): Promise<void> {
        const base = { callId, identity, at: clock.now() }
        await report({ kind: 'sent', ...base, epoch })
        const answered = charger.answers(action, payload)
        if (answered === undefined)
          return void clock.after(
            60_000,
            () => void report({ kind: 'timeout', ...base, at: clock.now() }),
          )
        if ('errorCode' in answered && typeof answered.errorCode === 'string')
          return report({
            ...{ kind: 'error', ...base, code: answered.errorCode, description: '', details: {} },
          })
        await report({ kind: 'answered', ...base, payload: answered, violations: [], valid: true })
      }
      bus.serve(subjects.call(identity), {}, (message) => {
        const order = message as unknown as CallOrder
        if (!connected) return Promise.resolve({ taken: false, reason: 'not-connected' })
        calls.push({ action: order.action, payload: order.payload })
        track(setImmediate().then(() => answer(order)))
        return Promise.resolve({ taken: true })
      })
      const charger: ScriptedCharger = {
        identity,
        calls,
        answers: () => ({ status: 'Accepted' }),
        soon: (work) => track(setImmediate().then(work)),
        async connect() {
          epochs += 1
          epoch = epochs
          connected = true
          await fleet.reports.hear({
            ...{ kind: 'opened', gateway: 'g-1', identity, epoch, version, at: clock.now() },
            remoteAddress: '192.0.2.7',
          })
        },
        async disconnect() {
          connected = false
          await fleet.reports.hear({
            ...{ kind: 'closed', gateway: 'g-1', identity, epoch, at: clock.now() },
            ...{ reason: 'charger-closed', detail: '' },
          })
        },
        boot(more = {}) {
          if (version === '1.6')
            return charger.say('BootNotification', {
              ...{ chargePointVendor: 'Acme', chargePointModel: 'One' },
              ...{ chargePointSerialNumber: 'S-1', firmwareVersion: '1.0', ...more },
            })
          return charger.say('BootNotification', {
            reason: 'PowerUp',
            chargingStation: {
              ...{ vendorName: 'Acme', model: 'One', serialNumber: 'S-1' },
              ...{ firmwareVersion: '1.0', ...more },
            },
          })
        },
        status(evse, status, connector = 1) {
          const timestamp = new Date(clock.now()).toISOString()
          return version === '1.6'
            ? charger.say('StatusNotification', {
                ...{ connectorId: evse, errorCode: 'NoError', status, timestamp },
              })
            : charger.say('StatusNotification', {
                ...{ evseId: evse, connectorId: connector, connectorStatus: status, timestamp },
              })
        },
        async say(action, payload) {
          messages += 1
          const receivedAt = clock.now()
          const checked = checkRequest('from-charger', version, action, payload, receivedAt)
          if (!checked.valid) throw new Error(`${action}: ${JSON.stringify(checked.violations)}`)
          const { signals } = understand({ version, action, payload: checked.payload, valid: true })
          await fleet.reports.hear({
            ...{ kind: 'told', identity, epoch, version, messageId: `${epoch}-${messages}` },
            ...{ receivedAt, provoked: false, signals },
          })
        },
      }
      return charger
    },
  }
  return world
}

/** The charger's own idea of what is in service, told as it changes. */
export interface Availability {
  /** By EVSE. */
  readonly inService: Map<number, boolean>
}

/**
 * Answers as a charger that does what it is told about availability, and keeps each connector's own over
 * reboots. On 2.x the charger has one of its own beside them (2.0.1 G03, G04).
 */
export function obedient(charger: ScriptedCharger, evses: readonly number[]): Availability {
  const inService = new Map(evses.map((evse) => [evse, true]))
  const tell = async (evse: number): Promise<void> => {
    await charger.status(evse, inService.get(evse) === true ? 'Available' : 'Unavailable')
  }
  charger.answers = (action, payload) => {
    if (action !== 'ChangeAvailability') return { status: 'Accepted' }
    const { evse } = payload as { evse?: { id: number } }
    const at = (payload.connectorId as number | undefined) ?? evse?.id ?? 0
    const on = (payload.type ?? payload.operationalStatus) === 'Operative'
    for (const one of at === 0 ? evses : [at]) {
      if (inService.get(one) === on) continue
      inService.set(one, on)
      charger.soon(() => tell(one))
    }
    return { status: 'Accepted' }
  }
  return { inService }
}
