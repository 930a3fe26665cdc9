import type { SimulatedCharger, SimulationOptions } from '../../simulator/charger.ts'
import type { Version } from '../../src/ocpp/versions.ts'
import { selfSigned } from '../kit/self-signed.ts'

/** One operation as it is tried on a Lab charger. */
export interface Sample {
  /** Parameters, for the version and the reservation that stands at the charger, if one does. */
  readonly params: (version: Version, reservation: number) => object
  /** What the world does before. */
  readonly before?: (charger: SimulatedCharger) => void
  /** Commands that must have worked on the honest charger before. */
  readonly after?: readonly (readonly [operation: string, params: object])[]
  /** How it ends on an honest charger; `succeeded` when absent. */
  readonly honest?: string | ((version: Version) => string)
  readonly options?: Partial<SimulationOptions>
  /** How it ends where everything is refused, when that is no refusal. */
  readonly refusing?: string
  /** It needs what a bare Lab charger has not: tried elsewhere, for the reason given. */
  readonly elsewhere?: string
}

const { cert: certificate } = selfSigned()

function onVersion<T>(version: Version, on16: T, on2x: T): T {
  return version === '1.6' ? on16 : on2x
}

const interval = (version: Version): string =>
  onVersion(version, 'HeartbeatInterval', 'OCPPCommCtrlr/HeartbeatInterval')
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString()
const none = (): object => ({})

const tariff = { tariff: 'DAY', currency: 'EUR', perKwh: 0.4 }
const monitor = {
  monitors: [{ of: 'EVSE@1/Power', type: 'upper-threshold', value: 10, severity: 5 }],
}
const control = {
  id: 'V-1',
  type: 'FixedVar',
  settings: { priority: 0, setpoint: 20, unit: 'PctMaxVar' },
}

function profile(id: number, purpose: string, kind: string): object {
  const startSchedule = new Date(Date.now() - 60_000).toISOString()
  return {
    id,
    purpose,
    kind,
    stackLevel: 0,
    schedules: [
      {
        unit: 'W',
        periods: [{ startPeriod: 0, limit: 5_000 }],
        ...(kind === 'Absolute' ? { startSchedule } : {}),
      },
    ],
  }
}

function plugged(charger: SimulatedCharger): void {
  charger.plugIn(1)
}

const session = ['session.start', { evse: 1, token: 'DRIVER' }] as const

/** Every operation of the catalogue must stand here. */
export const samples: Readonly<Record<string, Sample>> = {
  'charger.reset': { params: () => ({ mode: 'now' }) },
  'charger.availability': { params: () => ({ availability: 'inoperative', evse: 1 }) },
  'charger.report': { params: () => ({ what: 'heartbeat' }) },
  // That it does not know a key is what it was asked for.
  'charger.interview': { params: () => ({ about: ['messages'] }), refusing: 'succeeded' },
  'connector.unlock': {
    params: () => ({ evse: 2 }),
    before: (charger) => charger.plugIn(2),
    options: { pullsCableAfterUnlockMs: 20 },
  },
  'session.start': { params: () => ({ evse: 1, token: 'DRIVER' }), before: plugged },
  'session.stop': { params: () => ({ evse: 1 }), before: plugged, after: [session] },
  'session.status': { params: none },
  'session.cost': {
    params: () => ({ cost: 3.5, transactionId: 'T-1' }),
    honest: 'accepted-unverified',
  },
  'settings.read': { params: (version) => ({ keys: [interval(version)] }) },
  'settings.write': { params: () => ({ meaning: 'heartbeat-interval', value: '240' }) },
  'settings.report': { params: () => ({ base: 'configuration' }) },
  'settings.find': { params: () => ({ of: ['OCPPCommCtrlr'] }) },
  'reservation.make': { params: () => ({ evse: 1, token: 'DRIVER', until: inAnHour() }) },
  'reservation.cancel': {
    params: (_version, reservation) => ({ reservation }),
    after: [['reservation.make', { evse: 1, token: 'DRIVER', until: inAnHour() }]],
  },
  'display.show': { params: () => ({ text: 'Hello', id: 7 }) },
  'display.clear': {
    params: () => ({ id: 7 }),
    after: [['display.show', { text: 'Hello', id: 7 }]],
  },
  // To have none is all the answers of these let a charger say.
  'display.list': {
    params: none,
    refusing: 'succeeded',
    after: [['display.show', { text: 'Hello', id: 7 }]],
  },
  'monitoring.set': { params: () => monitor },
  'monitoring.clear': { params: () => ({ ids: [1] }), after: [['monitoring.set', monitor]] },
  'monitoring.base': { params: () => ({ base: 'hard-wired-only' }) },
  'monitoring.level': { params: () => ({ severity: 4 }) },
  'monitoring.report': { params: none, after: [['monitoring.set', monitor]] },
  'monitoring.streams': { params: none },
  'monitoring.stream-adjust': {
    params: () => ({ id: 1, intervalSeconds: 60 }),
    honest: 'refused',
  },
  'tariff.set-default': { params: () => tariff },
  'tariff.change': { params: () => ({ ...tariff, evse: 1 }), before: plugged, after: [session] },
  'tariff.clear': { params: none, after: [['tariff.set-default', tariff]] },
  'tariff.list': { params: none },
  'certificate.install': { params: () => ({ use: 'csms', certificate }) },
  'certificate.delete': {
    params: () => ({ certificate }),
    after: [['certificate.install', { use: 'csms', certificate }]],
  },
  'certificate.list': { params: none, refusing: 'succeeded' },
  'certificate.request': { params: none },
  'certificate.issue': {
    params: none,
    elsewhere: 'certificates.test.ts: it needs TLS and a certificate that was asked for',
  },
  'charger.rotate-credential': { params: none },
  'network.profile': {
    params: () => ({
      slot: 1,
      url: 'wss://csms.lab.example/ocpp',
      securityProfile: 2,
      interface: 'Wired0',
      messageTimeoutSeconds: 30,
    }),
    honest: (version) => (version === '2.1' ? 'succeeded' : 'accepted-unverified'),
  },
  'security.report': { params: () => ({ what: 'log-status' }) },
  'information.customer': { params: () => ({ token: 'DRIVER' }) },
  'grid.der-set': { params: () => control },
  'grid.der-clear': { params: () => ({ id: 'V-1' }), after: [['grid.der-set', control]] },
  'grid.der-report': { params: none, after: [['grid.der-set', control]] },
  'vendor.message': {
    params: () => ({ vendor: 'Etrel', message: 'SetChargingMode', data: 'fast' }),
    honest: 'accepted-unverified',
    options: { vendor: 'Etrel', model: 'Inch' },
  },
  'power.limit': { params: () => ({ evse: 1, amperes: 10 }) },
  'power.unlimit': {
    params: () => ({ evse: 1 }),
    after: [['power.limit', { evse: 1, amperes: 10 }]],
    // To have no such profile is all ClearChargingProfile lets a charger say.
    refusing: 'succeeded',
  },
  'power.default': { params: () => ({ amperes: 8 }) },
  'profile.set': {
    params: () => ({ evse: 1, profile: profile(77, 'default', 'Absolute') }),
  },
  'profile.clear': {
    params: () => ({ id: 77 }),
    after: [['profile.set', { evse: 1, profile: profile(77, 'default', 'Absolute') }]],
  },
  'profile.list': { params: none, refusing: 'succeeded' },
  'profile.composite': { params: () => ({ evse: 1, minutes: 60, unit: 'A' }) },
  'profile.dynamic-update': {
    params: () => ({ id: 1, limit: 5_000 }),
    before: plugged,
    after: [session, ['profile.set', { evse: 1, profile: profile(1, 'default', 'Dynamic') }]],
    honest: 'accepted-unverified',
  },
  'session.priority': {
    params: () => ({ evse: 1, priority: true }),
    before: plugged,
    after: [session, ['profile.set', { evse: 1, profile: profile(2, 'priority', 'Relative') }]],
    honest: 'accepted-unverified',
  },
  'session.energy-transfer': {
    params: () => ({ modes: ['AC_three_phase'] }),
    before: plugged,
    after: [session],
    honest: 'accepted-unverified',
  },
  'grid.afrr-signal': { params: () => ({ signal: 4 }), honest: 'accepted-unverified' },
  'tokens.version': { params: none, refusing: 'succeeded' },
  'tokens.clear-cache': { params: none, honest: 'accepted-unverified' },
  'tokens.push': { params: none, elsewhere: 'it needs a list of tokens: access.test.ts' },
  'diagnostics.fetch': { params: none, elsewhere: 'it brings a file: diagnostics.test.ts' },
  'security-log.fetch': { params: none, elsewhere: 'it brings a file: diagnostics.test.ts' },
  'firmware.update': { params: none, elsewhere: 'it needs an image: firmware.test.ts' },
  'firmware.update-signed': { params: none, elsewhere: 'it needs an image: firmware.test.ts' },
  'firmware.publish': { params: none, elsewhere: 'it needs an image: firmware.test.ts' },
  'firmware.unpublish': { params: none, elsewhere: 'it needs an image: firmware.test.ts' },
}
