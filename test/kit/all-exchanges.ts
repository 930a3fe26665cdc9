import { accessExchanges } from './access-exchanges.ts'
import { fleetExchanges } from './api-exchanges.ts'
import { approvalExchanges } from './approval-exchanges.ts'
import { breakGlassExchanges } from './break-glass-exchanges.ts'
import { certificateExchanges } from './certificate-exchanges.ts'
import { commandExchanges } from './command-exchanges.ts'
import { energyExchanges } from './energy-exchanges.ts'
import { fileExchanges } from './file-exchanges.ts'
import { modelExchanges } from './model-exchanges.ts'
import { policyExchanges } from './policy-exchanges.ts'
import { proofExchanges } from './proof-exchanges.ts'
import { settingExchanges } from './setting-exchanges.ts'
import { watchExchanges } from './watch-exchanges.ts'
import { upkeepExchanges } from './upkeep-exchanges.ts'

/** What is asked of every route, and what comes of it. */
export const apiExchanges = [
  ...accessExchanges,
  ...fleetExchanges,
  ...approvalExchanges,
  ...breakGlassExchanges,
  ...certificateExchanges,
  ...commandExchanges,
  ...energyExchanges,
  ...fileExchanges,
  ...modelExchanges,
  ...policyExchanges,
  ...proofExchanges,
  ...settingExchanges,
  ...upkeepExchanges,
  ...watchExchanges,
]
