import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** Makes identifiers: RFC 9562 version 7 UUIDs, which sort by the time they were made. 36 characters, so that one fits an OCPP message id. */
export type NewId = () => string

export function uuid7(clock: Clock, random: (size: number) => Uint8Array = pooledRandom()): NewId {
  let lastMs = 0
  let counter = 0
  return () => {
    const now = clock.now()
    if (now > lastMs) {
      lastMs = now
      counter = 0
    } else {
      counter += 1
      if (counter > 0xfff) {
        lastMs += 1
        counter = 0
      }
    }
    const tail = Buffer.from(random(8))
    tail.writeUInt8((tail.readUInt8(0) & 0x3f) | 0x80, 0)
    const time = lastMs.toString(16).padStart(12, '0')
    const sequence = counter.toString(16).padStart(3, '0')
    const rest = tail.toString('hex')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${rest.slice(0, 4)}-${rest.slice(4)}`
  }
}

/** Random bytes drawn in advance: asking for a few costs as much as asking for thousands. */
function pooledRandom(): (size: number) => Uint8Array {
  let pool = randomBytes(0)
  return (size) => {
    if (pool.length < size) pool = randomBytes(4096)
    const drawn = pool.subarray(0, size)
    pool = pool.subarray(size)
    return drawn
  }
}
