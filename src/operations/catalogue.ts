import { chargerAvailability } from './catalog/charger-availability.ts'
import { chargerReport } from './catalog/charger-report.ts'
import { chargerReset } from './catalog/charger-reset.ts'
import { connectorUnlock } from './catalog/connector-unlock.ts'
import { sessionStart } from './catalog/session-start.ts'
import { sessionStop } from './catalog/session-stop.ts'
import { settingsRead } from './catalog/settings-read.ts'
import { settingsWrite } from './catalog/settings-write.ts'
import type { Operation } from './operation.ts'

const declared = [
  chargerReset,
  chargerAvailability,
  chargerReport,
  sessionStart,
  sessionStop,
  connectorUnlock,
  settingsRead,
  settingsWrite,
] as const

/** The name of every operation there is. */
export type OperationName = (typeof declared)[number]['name']

/** The catalogue. The engine and the faces see operations with their parameter types erased; parameters reach them only after their schema has passed. */
export const operations: readonly Operation[] = declared

const byName = new Map(operations.map((one) => [one.name, one]))

export function operationNamed(name: string): Operation | undefined {
  return byName.get(name)
}
