import type { Json } from '../kernel/json.ts'
import { giveUp, takeOrder } from './calls.ts'
import type { Closing, Connection } from './connection.ts'
import { endSecond } from './flow.ts'
import { sendPing } from './liveness.ts'
import type { CallOrder, CloseOrder, CloseReason } from './protocol.ts'
import { subjects } from './protocol.ts'

/**
 * The connections of one gateway: one live one per charger. Of two the one with the greater epoch lives,
 * and nothing that happens to the older one afterwards touches it.
 */
export class Connections {
  readonly #live = new Map<string, Connection>()
  /** Displaced or closing, their sockets not yet gone. */
  readonly #leaving = new Set<Connection>()
  /** Stopped for the rest of their second. */
  readonly slowed = new Set<Connection>()

  get count(): number {
    return this.#live.size
  }

  /** Live and leaving. */
  get sockets(): number {
    return this.#live.size + this.#leaving.size
  }

  all(): Connection[] {
    return [...this.#live.values(), ...this.#leaving]
  }

  find(identity: string): Connection | undefined {
    return this.#live.get(identity)
  }

  /** Makes a new connection the live one of its charger; an older one is displaced. */
  add(connection: Connection): void {
    const { house, identity, epoch, version, remoteAddress } = connection
    const older = this.#live.get(identity)
    if (older !== undefined) this.displace(older, epoch)
    this.#live.set(identity, connection)
    connection.subscriptions = [
      house.bus.serve(subjects.call(identity), {}, (order) =>
        Promise.resolve(takeOrder(connection, order as unknown as CallOrder) as unknown as Json),
      ),
      house.bus.serve(subjects.close(identity), {}, (message) => {
        const order = message as unknown as CloseOrder
        connection.close(order.reason, 1000, order.detail)
        return Promise.resolve({})
      }),
    ]
    house.metrics.opened(version)
    house.log.debug({ identity, epoch, version, remoteAddress }, 'charger connected')
    house.reports.connection({
      kind: 'opened',
      gateway: house.name,
      identity,
      epoch,
      version,
      remoteAddress,
      at: house.clock.now(),
    })
  }

  /** A newer connection of the charger lives somewhere. The older is asked for a last sign of life, then closed. */
  displace(older: Connection, byEpoch: number): void {
    if (older.displaced || older.closed || older.epoch >= byEpoch) return
    older.displaced = true
    this.#unlist(older)
    this.#leaving.add(older)
    giveUp(older, 'connection-lost')
    const { house } = older
    const now = house.clock.monotonic()
    if (older.closing !== undefined || !older.open) return older.cut('displaced', notAnswered)
    // A pong must be able to reach us.
    older.pauseForQueue(false)
    older.pauseForRate(false)
    sendPing(older, now)
    house.wheel.add({
      dueAt: now + house.limits.probeMs,
      run: () => {
        if (!older.closed && older.closing === undefined) older.cut('displaced', notAnswered)
      },
    })
  }

  /** A displaced connection answered the ping: two sockets of one identity live at once. */
  endDisplaced(older: Connection): void {
    if (older.closing !== undefined) return
    const { house, identity, epoch, remoteAddress } = older
    house.log.warn(
      { identity, epoch, remoteAddress },
      'a charger was displaced although its connection still lives: two devices may share an identity',
    )
    const detail = 'displaced by a newer connection, and still answering'
    older.closing = { reason: 'displaced', code: 1008, detail, contested: true }
    older.close('displaced', 1008, detail)
  }

  /** The socket of a connection has gone. */
  remove(connection: Connection, code: number, peerReason: string): void {
    if (connection.closed) return
    connection.closed = true
    this.#unlist(connection)
    this.#leaving.delete(connection)
    this.slowed.delete(connection)
    giveUp(connection, 'connection-lost')
    const { house, identity, epoch, version } = connection
    house.trace.ended(connection)
    const end = connection.closing ?? closedByPeer(code, peerReason)
    house.metrics.closed(end.reason, house.clock.monotonic() - connection.openedMono, version)
    house.log.debug({ identity, epoch, ...end }, 'charger disconnected')
    house.reports.connection({
      kind: 'closed',
      gateway: house.name,
      identity,
      epoch,
      at: house.clock.now(),
      ...end,
    })
  }

  #unlist(connection: Connection): void {
    for (const subscription of connection.subscriptions) subscription.close()
    connection.subscriptions = []
    if (this.#live.get(connection.identity) === connection) this.#live.delete(connection.identity)
  }

  /** Lets the connections go on that were stopped for their rate. */
  resumeSlowed(nowMono: number): void {
    for (const connection of this.slowed)
      if (connection.closed || endSecond(connection, nowMono)) this.slowed.delete(connection)
  }
}

const notAnswered = 'displaced by a newer connection, and not answering'

function closedByPeer(code: number, reason: string): Closing {
  const lost = code === 1006
  const closeReason: CloseReason = lost ? 'network-lost' : 'charger-closed'
  return { reason: closeReason, code, detail: lost ? 'the connection broke' : reason }
}
