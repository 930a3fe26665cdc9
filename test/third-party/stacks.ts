import { once } from 'node:events'
import { RPCClient } from 'ocpp-rpc'
import { OcppClient as OcppTsClient } from 'ocpp-ts'
import { OcppClient as ExtrawestClient } from '@extrawest/node-ts-ocpp'
import { outboundActions } from '../../src/ocpp/versions.ts'
import type { Version } from '../../src/ocpp/versions.ts'

/** How a charger built on a stack answers our CALLs. */
export type Answering = (action: string, payload: object) => object

/** A charger's end of a connection, made by somebody else's OCPP stack. */
export interface Stack {
  call(action: string, payload: object): Promise<unknown>
  close(): Promise<void> | void
}

export interface StackKind {
  readonly name: string
  readonly version: Version
  connect(address: string, identity: string, password: string, answer: Answering): Promise<Stack>
}

/** The untyped part of an event emitter that the stacks share. */
interface Emitter {
  on(event: string, listener: (...parts: never[]) => void): unknown
}

/** `@mikuso/ocpp-rpc`: all versions, validates strictly in both directions where it knows the schemas. */
function ocppRpc(version: Version): StackKind {
  return {
    name: 'ocpp-rpc',
    version,
    async connect(address, identity, password, answer) {
      const client = new RPCClient({
        endpoint: `ws://${address}/ocpp`,
        identity,
        password,
        protocols: [`ocpp${version}`],
        // Its schemas end with 2.0.1.
        strictMode: version !== '2.1',
        reconnect: false,
      } as ConstructorParameters<typeof RPCClient>[0])
      client.handle(({ method, params }) => answer(method ?? '', params as object) as never)
      await client.connect()
      return {
        call: (action, payload) => client.call(action, payload),
        close: async () => void (await client.close()),
      }
    },
  }
}

/** `ocpp-ts` speaks 1.6, its fork `@extrawest/node-ts-ocpp` 2.0.1; each checks what it receives. */
function emitting(
  name: string,
  version: Version,
  make: (identity: string) => Emitter & {
    connect(url: string, headers?: Record<string, string>): void
  },
): StackKind {
  return {
    name,
    version,
    async connect(address, identity, password, answer) {
      const client = make(identity)
      for (const action of outboundActions(version))
        client.on(action, (payload: object, reply: (response: object) => void) =>
          reply(answer(action, payload)),
        )
      const basic = Buffer.from(`${identity}:${password}`).toString('base64')
      client.connect(`ws://${address}/ocpp/`, { authorization: `Basic ${basic}` })
      await once(client as unknown as EventTarget, 'connect')
      const speaking = client as unknown as {
        callRequest(action: string, payload: object): Promise<unknown>
        connection: { socket: { close(): void } } | null
      }
      return {
        call: (action, payload) => speaking.callRequest(action, payload),
        close: () => speaking.connection?.socket.close(),
      }
    },
  }
}

export const stacks: readonly StackKind[] = [
  ocppRpc('1.6'),
  ocppRpc('2.0.1'),
  ocppRpc('2.1'),
  emitting('ocpp-ts', '1.6', (identity) => new OcppTsClient(identity)),
  emitting('@extrawest/node-ts-ocpp', '2.0.1', (identity) => new ExtrawestClient(identity)),
]
