import { triggerBoot } from './calls.ts'
import type { Connection } from './connection.ts'
import type { Due } from './wheel.ts'

/**
 * Whether a charger is still there. Any frame is a sign of life; pings only measure the way and keep it
 * open, because some chargers ignore them for ever.
 */

/** Heartbeat intervals without any frame after which a connection is dead. */
const missedHeartbeats = 3
const retryTriggerMs = 1_000

/** Looks after the connection from now on. */
export function startPulse(connection: Connection): void {
  new Pulse(connection).schedule()
}

/** The one recurring entry a connection has on the wheel: pings, silence, and the question for a boot. */
class Pulse implements Due {
  readonly connection: Connection
  dueAt = 0
  #nextPing: number
  #askBootAt: number

  constructor(connection: Connection) {
    const { pingIntervalSeconds, triggerBootAfterMs } = connection.policy
    const { openedMono } = connection
    this.connection = connection
    this.#nextPing = pingIntervalSeconds > 0 ? openedMono + pingIntervalSeconds * 1000 : Infinity
    this.#askBootAt = triggerBootAfterMs > 0 ? openedMono + triggerBootAfterMs : Infinity
  }

  run(now: number): void {
    const { connection } = this
    if (connection.closed || connection.displaced || connection.closing !== undefined) return
    // Nothing is read from a paused socket, so it is not the charger that is silent.
    if (connection.paused) connection.lastInboundMono = now
    if (now >= silentAt(connection)) return endSilence(connection)
    if (now >= this.#nextPing) this.#ping(now)
    if (now >= this.#askBootAt) this.#askBoot(now)
    const { answerMemoryMs } = connection.house.limits
    if (now - connection.lastInboundMono > answerMemoryMs) connection.answers = undefined
    this.schedule()
  }

  schedule(): void {
    this.dueAt = Math.min(silentAt(this.connection), this.#nextPing, this.#askBootAt)
    this.connection.house.wheel.add(this)
  }

  #ping(now: number): void {
    const { connection } = this
    this.#nextPing = now + connection.policy.pingIntervalSeconds * 1000
    sendPing(connection, now)
  }

  #askBoot(now: number): void {
    const { connection } = this
    const asks = !connection.booted && !triggerBoot(connection)
    this.#askBootAt = asks ? now + retryTriggerMs : Infinity
  }
}

function silentAt(connection: Connection): number {
  const { silenceFloorMs } = connection.house.limits
  const patience = missedHeartbeats * connection.heartbeatIntervalSeconds * 1000
  return connection.lastInboundMono + Math.max(silenceFloorMs, patience)
}

function endSilence(connection: Connection): void {
  const seconds = Math.round(
    (connection.house.clock.monotonic() - connection.lastInboundMono) / 1000,
  )
  connection.close('silent', 1001, `nothing heard for ${seconds} s`)
}

export function sendPing(connection: Connection, now: number): void {
  if (!connection.open) return
  connection.pingSentMono = now
  connection.socket.ping()
}

/** A pong has come: the round trip is known where it answers a ping of ours. */
export function receivePong(connection: Connection): void {
  if (connection.pingSentMono === 0) return
  const now = connection.house.clock.monotonic()
  connection.roundTripMs = Math.round(now - connection.pingSentMono)
  connection.news.roundTrip(connection.roundTripMs)
  connection.pingSentMono = 0
}
