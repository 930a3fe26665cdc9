import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NewId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Connections } from './connections.ts'
import type { LateCalls } from './late-calls.ts'
import type { FrameCount } from './frame-count.ts'
import type { GatewayLimits } from './limits.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { Reports } from './reports.ts'
import type { TraceLine } from './trace.ts'
import type { Wheel } from './wheel.ts'

/** What all connections of one gateway share. */
export interface House {
  readonly name: string
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly newId: NewId
  readonly limits: GatewayLimits
  readonly metrics: GatewayMetrics
  readonly wheel: Wheel
  readonly reports: Reports
  readonly trace: TraceLine
  readonly frames: FrameCount
  readonly lateCalls: LateCalls
  readonly connections: Connections
  /** Stopping: nothing new is taken. */
  draining: boolean
  /** Gone: what control has not taken by now it will not be asked to take. */
  stopped: boolean
}
