import { tokensClearCache } from './catalog/access/tokens-clear-cache.ts'
import { tokensPush } from './catalog/access/tokens-push.ts'
import { tokensVersion } from './catalog/access/tokens-version.ts'
import { chargerAvailability } from './catalog/charger-availability.ts'
import { chargerInterview } from './catalog/charger-interview.ts'
import { chargerReport } from './catalog/charger-report.ts'
import { chargerReset } from './catalog/charger-reset.ts'
import { connectorUnlock } from './catalog/connector-unlock.ts'
import { diagnosticsFetch } from './catalog/diagnostics/diagnostics-fetch.ts'
import { securityLogFetch } from './catalog/diagnostics/security-log-fetch.ts'
import { firmwarePublish, firmwareUnpublish } from './catalog/firmware/firmware-publish.ts'
import { firmwareUpdate, firmwareUpdateSigned } from './catalog/firmware/firmware-update.ts'
import { gridAfrrSignal } from './catalog/energy/grid-afrr-signal.ts'
import { powerDefault } from './catalog/energy/power-default.ts'
import { powerLimit } from './catalog/energy/power-limit.ts'
import { powerUnlimit } from './catalog/energy/power-unlimit.ts'
import { profileClear } from './catalog/energy/profile-clear.ts'
import { profileComposite } from './catalog/energy/profile-composite.ts'
import { profileDynamicUpdate } from './catalog/energy/profile-dynamic-update.ts'
import { profileList } from './catalog/energy/profile-list.ts'
import { profileSet } from './catalog/energy/profile-set.ts'
import { sessionEnergyTransfer } from './catalog/energy/session-energy-transfer.ts'
import { sessionPriority } from './catalog/energy/session-priority.ts'
import { sessionStart } from './catalog/session-start.ts'
import { sessionStop } from './catalog/session-stop.ts'
import { settingsRead } from './catalog/settings-read.ts'
import { settingsWrite } from './catalog/settings-write.ts'
import { displayClear } from './catalog/display/display-clear.ts'
import { displayList } from './catalog/display/display-list.ts'
import { displayShow } from './catalog/display/display-show.ts'
import { gridDerClear } from './catalog/grid/der-clear.ts'
import { gridDerReport } from './catalog/grid/der-report.ts'
import { gridDerSet } from './catalog/grid/der-set.ts'
import { informationCustomer } from './catalog/information/information-customer.ts'
import { monitoringBase } from './catalog/monitoring/monitoring-base.ts'
import { monitoringClear } from './catalog/monitoring/monitoring-clear.ts'
import { monitoringLevel } from './catalog/monitoring/monitoring-level.ts'
import { monitoringReport } from './catalog/monitoring/monitoring-report.ts'
import { monitoringSet } from './catalog/monitoring/monitoring-set.ts'
import { monitoringStreamAdjust, monitoringStreams } from './catalog/monitoring/streams.ts'
import { reservationCancel } from './catalog/reservation/reservation-cancel.ts'
import { reservationMake } from './catalog/reservation/reservation-make.ts'
import { chargerRotateCredential } from './catalog/security/charger-rotate-credential.ts'
import { certificateDelete } from './catalog/security/certificate-delete.ts'
import { certificateInstall } from './catalog/security/certificate-install.ts'
import { certificateList } from './catalog/security/certificate-list.ts'
import { certificateIssue } from './catalog/security/certificate-issue.ts'
import { certificateRequest } from './catalog/security/certificate-request.ts'
import { networkProfile } from './catalog/security/network-profile.ts'
import { securityReport } from './catalog/security/security-report.ts'
import { sessionCost } from './catalog/session-cost.ts'
import { sessionStatus } from './catalog/session-status.ts'
import { settingsFind } from './catalog/settings/settings-find.ts'
import { settingsReport } from './catalog/settings/settings-report.ts'
import { tariffChange } from './catalog/tariff/tariff-change.ts'
import { tariffClear } from './catalog/tariff/tariff-clear.ts'
import { tariffList } from './catalog/tariff/tariff-list.ts'
import { tariffSetDefault } from './catalog/tariff/tariff-set-default.ts'
import { vendorMessage } from './catalog/vendor-message.ts'
import type { Operation } from './operation.ts'

const declared = [
  chargerReset,
  chargerAvailability,
  chargerReport,
  chargerInterview,
  sessionStart,
  sessionStop,
  connectorUnlock,
  settingsRead,
  settingsWrite,
  powerLimit,
  powerUnlimit,
  powerDefault,
  profileSet,
  profileClear,
  profileList,
  profileComposite,
  profileDynamicUpdate,
  sessionPriority,
  sessionEnergyTransfer,
  gridAfrrSignal,
  tokensPush,
  tokensVersion,
  tokensClearCache,
  diagnosticsFetch,
  securityLogFetch,
  firmwareUpdate,
  firmwareUpdateSigned,
  firmwarePublish,
  firmwareUnpublish,
  settingsReport,
  settingsFind,
  sessionStatus,
  sessionCost,
  reservationMake,
  reservationCancel,
  displayShow,
  displayClear,
  displayList,
  monitoringSet,
  monitoringClear,
  monitoringBase,
  monitoringLevel,
  monitoringReport,
  monitoringStreams,
  monitoringStreamAdjust,
  tariffSetDefault,
  tariffChange,
  tariffClear,
  tariffList,
  chargerRotateCredential,
  certificateInstall,
  certificateDelete,
  certificateList,
  certificateRequest,
  certificateIssue,
  networkProfile,
  securityReport,
  informationCustomer,
  gridDerSet,
  gridDerClear,
  gridDerReport,
  vendorMessage,
] as const

/** The name of every operation there is. */
export type OperationName = (typeof declared)[number]['name']

/** The catalogue. The engine and the faces see operations with their parameter types erased; parameters reach them only after their schema has passed. */
export const operations: readonly Operation[] = declared

const byName = new Map(operations.map((one) => [one.name, one]))

export function operationNamed(name: string): Operation | undefined {
  return byName.get(name)
}
