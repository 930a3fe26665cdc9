import type { Socket } from 'node:net'
import type { Refusal } from '../refusal.ts'
import { refusalOf } from '../refusal.ts'

/** More requests at once no client has under way. */
const mostWaiting = 2_000
/** So much of a file waits to be written at most; then the charger is not read from for a while. */
const mostWaitingBytes = 4_000_000

/** What of an SFTP channel is needed to see whether the client takes more. */
export interface Channel {
  readonly outgoing: { readonly window: number; readonly state: string }
}

/** Something came, or nothing will any more. */
function said(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.off('data', end).off('close', end)
      resolve()
    }
    socket.on('data', end).on('close', end)
  })
}

/**
 * Works off the requests of one client one after the other, and keeps what waits bounded: a client that
 * sends faster than the disk writes is not read from, one that does not take its answers gets no more.
 */
export interface Requests {
  add(bytes: number, work: () => Promise<void>): void
  /** Works off nothing more. */
  stop(): void
}

export function openRequests(
  socket: Socket,
  channel: Channel,
  onFailure: (refusal: Refusal) => void,
): Requests {
  let turn = Promise.resolve()
  let waiting = 0
  let waitingBytes = 0
  let stopped = false

  /** The client's word that it takes more comes as data, like everything it says. */
  async function room(): Promise<void> {
    while (!stopped && channel.outgoing.window === 0) {
      socket.resume()
      await said(socket)
      if (socket.destroyed) return
    }
  }

  function stop(): void {
    stopped = true
    if (!socket.destroyed) socket.resume()
  }

  return {
    add(bytes, work) {
      waiting += 1
      waitingBytes += bytes
      if (waiting > mostWaiting) return void socket.destroy()
      if (waitingBytes > mostWaitingBytes) socket.pause()
      turn = turn.then(async () => {
        try {
          await room()
          if (!stopped) await work()
        } catch (error) {
          onFailure(refusalOf(error))
        } finally {
          waiting -= 1
          waitingBytes -= bytes
          if (waitingBytes <= mostWaitingBytes / 2 && !socket.destroyed) socket.resume()
        }
      })
    },
    stop,
  }
}
