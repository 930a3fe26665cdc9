import type { Connection } from './connection.ts'

/** What keeps one charger from taking more than its share: reading from it stops before memory grows. */

/** A single network read may bring this many times what should be waiting; more is no charger. */
const hardFactor = 16

/** Counts a frame. Too many in one second stop the reading until the next; too many such seconds end the connection. */
export function countFrame(connection: Connection, nowMono: number): void {
  const { framesPerSecond, floodingSeconds } = connection.house.limits
  const second = Math.floor(nowMono / 1000)
  if (second !== connection.frameSecond) {
    const inARow = second === connection.frameSecond + 1
    const wasFlooded = connection.framesInSecond > framesPerSecond
    connection.floodedSeconds = wasFlooded && inARow ? connection.floodedSeconds + 1 : 0
    connection.frameSecond = second
    connection.framesInSecond = 0
    if (connection.floodedSeconds >= floodingSeconds) return closeFlooding(connection)
  }
  connection.framesInSecond += 1
  if (connection.framesInSecond <= framesPerSecond || connection.closing !== undefined) return
  connection.pauseForRate(true)
  connection.house.connections.slowed.add(connection)
}

/** Lets a connection stopped for its rate go on once its second is over. */
export function endSecond(connection: Connection, nowMono: number): boolean {
  if (Math.floor(nowMono / 1000) === connection.frameSecond) return false
  connection.pauseForRate(false)
  return true
}

/** Stops or resumes the reading by what waits for control. */
export function countWaiting(connection: Connection): void {
  const { maxInboundWaiting, maxInboundWaitingBytes } = connection.house.limits
  const count = connection.waiting?.length ?? 0
  const bytes = connection.waitingBytes
  if (count > maxInboundWaiting * hardFactor || bytes > maxInboundWaitingBytes * hardFactor)
    return closeFlooding(connection)
  if (count >= maxInboundWaiting || bytes >= maxInboundWaitingBytes) connection.pauseForQueue(true)
  else if (count <= maxInboundWaiting / 2 && bytes <= maxInboundWaitingBytes / 2)
    connection.pauseForQueue(false)
}

function closeFlooding(connection: Connection): void {
  if (connection.closing !== undefined) return
  connection.house.log.warn({ identity: connection.identity }, 'a charger floods and is cut off')
  connection.close('flooding', 1008, 'too many messages')
}
