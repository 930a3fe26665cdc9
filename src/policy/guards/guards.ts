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
