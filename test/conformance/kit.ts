import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Version } from '../../src/ocpp/versions.ts'
import { testDatabase } from '../kit/database.ts'
import { ownerOf, productProcess } from '../kit/product-process.ts'
import type { Owner, ProductPlace } from '../kit/product-process.ts'
import { until } from '../kit/until.ts'
import { connectCharger } from '../kit/wire-charger.ts'
import type { WireCharger } from '../kit/wire-charger.ts'
import cases from './cases.json' with { type: 'json' }

/*
 * The public case lists for a management system, played against the real product: a charger of the script on
 * one side, an operator's API calls on the other. Each test bears the id and the name of its case.
 */

/** `TC_B_06_CSMS Get Variables - single value`. */
export type CaseName = string

const known = new Map(
  Object.entries(cases).map(([version, list]) => [
    version,
    new Set(list.map(({ id, name }) => `${id} ${name}`)),
  ]),
)

/** What became of a command on its one charger. */
export interface Ended {
  readonly state: string
  readonly detail: string | null
  readonly result: unknown
}

/** A CALL the charger of the script received. */
export interface Received<Payload = Record<string, unknown>> {
  readonly payload: Payload
  answer(payload: object): void
  /** A CALLERROR with this code. */
  error(code: string): void
}

/** A charger that does what the case says and nothing else. */
export interface ScriptedCharger {
  readonly identity: string
  readonly wire: WireCharger
  /** Sends a CALL; the payload of the CALLRESULT. Fails on an error answer. */
  say<Answer = Record<string, unknown>>(action: string, payload: object): Promise<Answer>
  /** The next CALL with this action that was not taken yet. */
  receives<Payload = Record<string, unknown>>(action: string): Promise<Received<Payload>>
  /** Submits a command by the operator; its id. */
  submit(operation: string, params?: object): Promise<string>
  /** Submits a command. Resolves when it has left the states on the way. */
  command(operation: string, params?: object): Promise<Ended>
  /** The operator's view of the charger. */
  shown(): Promise<Record<string, unknown>>
}

export interface House {
  readonly version: Version
  readonly owner: Owner
  readonly place: ProductPlace
  /** Registers a charger; its credential. */
  register(identity: string): Promise<string>
  /** A registered charger that is connected and, unless told otherwise, booted with its connectors available. */
  charger(options?: {
    readonly booted?: boolean
    /** EVSEs with one connector each (1.6: connectors). One when absent. */
    readonly evses?: number
  }): Promise<ScriptedCharger>
  /** The script on a connection that was made otherwise. */
  scripted(
    wire: WireCharger,
    options?: { readonly booted?: boolean; readonly evses?: number },
  ): Promise<ScriptedCharger>
}

const onTheWay = ['submitted', 'queued', 'sending', 'sent', 'accepted']

/** The product all cases of one file are played against; started by the first of them. */
let opened: Promise<{ readonly owner: Owner; readonly place: ProductPlace }> | undefined
const ends: (() => void | Promise<void>)[] = []
let count = 0
let settings: () => Promise<Readonly<Record<string, string>>> = () => Promise.resolve({})

/** Settings of the product the cases of this file are played against. */
export function playedWith(make: typeof settings): void {
  settings = make
}

async function open(): Promise<{ readonly owner: Owner; readonly place: ProductPlace }> {
  const lasting = { after: (end: () => void | Promise<void>) => void ends.push(end) }
  const { url } = await testDatabase(lasting)
  const product = await productProcess(lasting, {
    OTA_DATABASE_URL: url,
    OTA_ALLOWED_CHARGER_URLS: 'ws://csms.test/,wss://csms.test/',
    OTA_INTERVIEW: 'off',
    ...(await settings()),
  })
  await product.start()
  return { owner: ownerOf(product.place), place: product.place }
}

after(async () => {
  for (const end of ends.reverse()) await end()
})

/** A group of cases of one version. */
export function conformance(
  version: '1.6' | '2.0.1',
  title: string,
  define: (house: House, conforms: (name: CaseName, body: () => Promise<void>) => void) => void,
): void {
  describe(`OCPP ${version}: ${title}`, () => {
    let product: Awaited<typeof opened>
    before(async () => {
      product = await (opened ??= open())
    })

    const house: House = {
      version,
      get owner() {
        return product!.owner
      },
      get place() {
        return product!.place
      },
      async register(identity) {
        const { status, body } = await house.owner('POST', '/chargers', { identity })
        assert.equal(status, 201, JSON.stringify(body))
        return (body as { credential: string }).credential
      },
      async charger({ booted = true, evses = 1 } = {}) {
        count += 1
        const identity = `TC-${version}-${count}`
        const password = await house.register(identity)
        const [host, port] = house.place.chargers.split(':')
        const address = { host: host ?? '', port: Number(port) }
        const wire = await connectCharger(address, identity, {
          protocols: [`ocpp${version}`],
          password,
        })
        return house.scripted(wire, { booted, evses })
      },
      async scripted(wire, { booted = true, evses = 1 } = {}) {
        ends.push(() => wire.close())
        const charger = scripted(house, wire)
        if (booted) await boot(charger, version, evses)
        return charger
      },
    }
    define(house, (name, body) => {
      assert.ok(known.get(version)?.has(name), `${name} is no case of OCPP ${version}`)
      test(name, body)
    })
  })
}

function scripted(house: House, wire: WireCharger): ScriptedCharger {
  const { identity } = wire
  const taken = new Set<string>()
  return {
    identity,
    wire,
    async say<Answer>(action: string, payload: object) {
      const [type, , ...rest] = await wire.call(action, payload)
      assert.equal(type, 3, `${action} was answered with ${JSON.stringify(rest)}`)
      return rest[0] as Answer
    },
    async receives<Payload>(action: string) {
      const find = () =>
        wire.received.find(
          ([type, id, name]) => type === 2 && name === action && !taken.has(String(id)),
        )
      await until(() => find() !== undefined, `${action} arrives`)
      const [, id, , payload] = find() as [number, string, string, unknown]
      taken.add(id)
      return {
        payload: payload as Payload,
        answer: (answer: object) => wire.answer(id, answer),
        error: (code: string) => wire.send(JSON.stringify([4, id, code, '', {}])),
      }
    },
    async submit(operation, params = {}) {
      const submitted = await house.owner('POST', '/commands', {
        operation,
        params,
        target: { chargers: [identity] },
        reason: 'conformance',
      })
      assert.equal(submitted.status, 202, JSON.stringify(submitted.body))
      return (submitted.body as { id: string }).id
    },
    async command(operation, params) {
      const id = await this.submit(operation, params)
      for (const deadline = performance.now() + 20_000; ;) {
        const { body } = await house.owner('GET', `/commands/${id}`)
        const [target] = (body as { targets: [Ended] }).targets
        if (!onTheWay.includes(target.state) || performance.now() > deadline) return target
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    async shown() {
      const { body } = await house.owner('GET', `/chargers/${identity}`)
      return body as Record<string, unknown>
    },
  }
}

async function boot(charger: ScriptedCharger, version: Version, evses: number): Promise<void> {
  const answer =
    version === '1.6'
      ? await charger.say('BootNotification', {
          chargePointVendor: 'Script',
          chargePointModel: 'One',
          firmwareVersion: '1.0',
        })
      : await charger.say('BootNotification', {
          reason: 'PowerUp',
          chargingStation: { vendorName: 'Script', model: 'One', firmwareVersion: '1.0' },
        })
  assert.equal(answer['status'], 'Accepted')
  for (let evse = 1; evse <= evses; evse += 1) await status(charger, version, 'Available', evse)
}

/** A StatusNotification of a connector, in the words of the version. */
export async function status(
  charger: ScriptedCharger,
  version: Version,
  word: string,
  evse = 1,
): Promise<void> {
  const timestamp = new Date().toISOString()
  if (version === '1.6')
    await charger.say('StatusNotification', {
      connectorId: evse,
      errorCode: 'NoError',
      status: word,
      timestamp,
    })
  else
    await charger.say('StatusNotification', {
      evseId: evse,
      connectorId: 1,
      connectorStatus: word,
      timestamp,
    })
}
