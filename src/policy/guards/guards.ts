import type { Guard } from './guard.ts'
import { breakGlass } from './break-glass.ts'
import { disturbance } from './disturbance.ts'
import { fleetPower } from './fleet-power.ts'
import { maintenanceWindow } from './maintenance-window.ts'
import { resetBudget } from './reset-budget.ts'
import { robotBudget } from './robot-budget.ts'
import { runningSessions } from './running-sessions.ts'
import { safetyFaults } from './safety-faults.ts'
import { underMaintenance } from './under-maintenance.ts'

/** Asked again when a command's turn comes, which may be days after it was admitted: what a charger is in changes. */
export const momentary: readonly Guard[] = [safetyFaults, runningSessions, underMaintenance]

/** Commands they are asked again for: those that bring a charger to life, end its sessions or free a cable. */
export const lookedAtAgain: ReadonlySet<string> = new Set([
  'charger.reset',
  'charger.availability',
  'connector.unlock',
  'session.start',
])

/** Every guard there is; the reference page is made of this. */
export const guards: readonly Guard[] = [
  safetyFaults,
  runningSessions,
  resetBudget,
  disturbance,
  fleetPower,
  maintenanceWindow,
  underMaintenance,
  robotBudget,
  breakGlass,
]
