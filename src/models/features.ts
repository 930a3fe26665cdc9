import type { Capabilities, CapabilityName } from './capability.ts'

/** A part of OCPP that a charger may have or lack as a whole, and the actions that need it. */
interface Feature {
  /** OCPP 1.6 3.3: its name in SupportedFeatureProfiles. */
  readonly profile16?: string
  readonly capability: CapabilityName
  readonly actions: readonly string[]
}

const features: readonly Feature[] = [
  {
    profile16: 'SmartCharging',
    capability: 'smart-charging',
    actions: [
      'SetChargingProfile',
      'ClearChargingProfile',
      'GetCompositeSchedule',
      'GetChargingProfiles',
    ],
  },
  {
    profile16: 'LocalAuthListManagement',
    capability: 'local-list',
    actions: ['SendLocalList', 'GetLocalListVersion'],
  },
  {
    profile16: 'Reservation',
    capability: 'reservation',
    actions: ['ReserveNow', 'CancelReservation'],
  },
  {
    profile16: 'RemoteTrigger',
    capability: 'remote-trigger',
    actions: ['TriggerMessage'],
  },
  {
    profile16: 'FirmwareManagement',
    capability: 'firmware',
    actions: ['UpdateFirmware', 'GetDiagnostics'],
  },
  { capability: 'signed-firmware', actions: ['SignedUpdateFirmware'] },
  {
    capability: 'certificates',
    actions: [
      'InstallCertificate',
      'DeleteCertificate',
      'GetInstalledCertificateIds',
      'CertificateSigned',
    ],
  },
]

/** Why the action is known to be out of reach because a whole feature is lacking; undefined where nothing says so. */
export function lackingFeature(known: Capabilities, action: string): string | undefined {
  const feature = features.find(({ actions }) => actions.includes(action))
  if (feature === undefined) return undefined
  const own = known[feature.capability]
  if (own !== undefined) return own.value === false ? own.why : undefined
  const listed = known['feature-profiles']
  if (listed === undefined || feature.profile16 === undefined) return undefined
  const names = featureProfiles(listed.value)
  // A list without Core is no list of feature profiles (1.6 3.3: Core is mandatory).
  if (!names.includes('core') || names.includes(feature.profile16.toLowerCase())) return undefined
  return `the charger does not list the feature profile ${feature.profile16}`
}

function featureProfiles(value: unknown): string[] {
  const names = Array.isArray(value) ? value : [value]
  return names.flatMap((name) => String(name).split(/[\s,;]+/)).map((name) => name.toLowerCase())
}
