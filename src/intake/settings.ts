import type { SecurityProfile } from '../kernel/settings-tls.ts'
import { securityProfiles } from '../kernel/settings-tls.ts'

/** How chargers are treated where nothing says otherwise. */
export interface IntakeSettings {
  /** Heartbeat interval told to accepted chargers. */
  readonly heartbeatIntervalSeconds: number
  /** When a charger that was not accepted may boot again. */
  readonly bootRetrySeconds: number
  /** How long a charger may take to answer a CALL; some need more than a minute. */
  readonly callTimeoutMs: number
  /** WebSocket ping period; 0 sends none. */
  readonly pingIntervalSeconds: number
  /** After how long a charger that never booted here is asked to; 0 never asks. */
  readonly triggerBootAfterMs: number
  /** Whether every message of every charger is kept. */
  readonly traceAll?: boolean
  /** OCPP's security profiles chargers may connect with. */
  readonly securityProfiles: readonly SecurityProfile[]
}

export const defaultIntakeSettings: IntakeSettings = {
  heartbeatIntervalSeconds: 300,
  bootRetrySeconds: 60,
  callTimeoutMs: 60_000,
  pingIntervalSeconds: 60,
  triggerBootAfterMs: 5_000,
  securityProfiles,
}
