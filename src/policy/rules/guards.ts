import { Type, type Static } from 'typebox'
import { TimeOfDaySchema, TimeZoneSchema, WeekDaySchema } from './risk.ts'

const count = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const share = Type.Number({ minimum: 0, maximum: 1 })
const minutes = Type.Number({ minimum: 0, maximum: 7 * 24 * 60 })
/** Operation names, `*`, a family such as `power.*`, or all of a risk such as `risk:critical`. */
const patterns = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 })
/** Compared without regard to case; `*` stands for any text. */
const codes = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 200 })
const exactly = { additionalProperties: false } as const

const cap = Type.Object({ share, atLeast: count }, exactly)
const caps = Type.Object({ site: cap, fleet: cap }, exactly)

export const WindowSchema = Type.Object(
  {
    /** Paths of groups, and all below them; everywhere when absent. */
    groups: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 200 }),
    ),
    operations: patterns,
    days: Type.Array(WeekDaySchema, { minItems: 1, maxItems: 7 }),
    from: TimeOfDaySchema,
    /** An earlier one lies on the day after. */
    to: TimeOfDaySchema,
    timeZone: TimeZoneSchema,
  },
  exactly,
)
export type MaintenanceWindow = Static<typeof WindowSchema>

const budget = Type.Object({ operations: patterns, limit: count }, exactly)

export const GuardRulesSchema = Type.Object(
  {
    resets: Type.Object(
      {
        /** After the first reset of a day, the second, ...; the last one for all that follow. */
        pausesMinutes: Type.Array(minutes, { minItems: 1, maxItems: 20 }),
        /** Of one charger in 24 hours; more only as an approved request. */
        perDay: count,
        approverRoles: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 20 }),
        /** From so many resets on within 24 hours, the likely root cause is named. */
        hintFrom: count,
      },
      exactly,
    ),
    sessions: Type.Object(
      {
        /** Of those that end or endanger a session: `charger.reset` and `connector.unlock`. */
        operations: patterns,
      },
      exactly,
    ),
    safety: Type.Object(
      {
        /** OCPP 1.6 error codes, and components of OCPP 2.x that report a problem. */
        codes,
        /** Error codes of vendors. */
        vendorCodes: codes,
      },
      exactly,
    ),
    disturbance: Type.Object(
      {
        windowMinutes: Type.Number({ minimum: 1, maximum: 24 * 60 }),
        operations: patterns,
        except: patterns,
        /** What one actor may disturb at once: this share, but always so many. */
        alone: caps,
        /** The same as an approved request. */
        approved: caps,
        approverRoles: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 20 }),
      },
      exactly,
    ),
    power: Type.Object(
      {
        operations: patterns,
        /** Of the fleet's power, at most so much changes in a minute: the greater of the two. */
        wattsPerMinute: Type.Number({ minimum: 1_000 }),
        shareOfFleet: share,
        /** Taken for a session, and for what a charger can draw, where nothing is measured. */
        assumedWatts: Type.Number({ minimum: 0, maximum: 1_000_000 }),
        /** From so many chargers on they are begun one after the other. */
        spreadFrom: Type.Integer({ minimum: 1 }),
        /** Every wait between two is longer by a random share of at most this. */
        jitter: share,
      },
      exactly,
    ),
    windows: Type.Object(
      {
        windows: Type.Array(WindowSchema, { maxItems: 200 }),
        /** What holds outside of them. */
        outside: Type.Enum(['approval', 'denied']),
        approverRoles: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 20 }),
      },
      exactly,
    ),
    maintenance: Type.Object(
      {
        /** Robots, by id, that people work through: they may do what people may. */
        exceptRobots: Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 }),
        /** What the product itself still does on a charger under maintenance. */
        systemMay: patterns,
      },
      exactly,
    ),
    robots: Type.Object(
      {
        /** Budgets by the id of the robot; a token's own go before. */
        perHour: Type.Record(Type.String(), Type.Array(budget, { maxItems: 50 })),
      },
      exactly,
    ),
  },
  exactly,
)
export type GuardRules = Static<typeof GuardRulesSchema>

const approverRoles = ['approver', 'owner']

export const defaultGuardRules: GuardRules = {
  resets: { pausesMinutes: [2, 15, 60], perDay: 5, approverRoles, hintFrom: 2 },
  sessions: { operations: ['charger.reset', 'connector.unlock'] },
  safety: {
    codes: [
      'GroundFailure',
      'HighTemperature',
      'OverCurrentFailure',
      'OverVoltage',
      'PowerSwitchFailure',
      'EmergencyStop*',
      'GroundIsolationProtection',
      'RCD',
      'OverCurrentBreaker',
      'UpstreamProtectionTrigger',
      'PowerContactor',
      'TemperatureSensor',
      'LiquidCoolingSystem',
      'CableBreakawaySensor',
      'FloodSensor',
      'ShockSensor',
      'TiltSensor',
    ],
    vendorCodes: [
      // The codes that the ChargeX consortium asks all chargers to report alike.
      'CX002',
      'CX003',
      'CX004',
      'CX005',
      'CX008',
      'CX011',
      'CX017',
      'CX019',
      'CX026',
      '*emergency*stop*',
      '*ground*fa*',
      '*over*temp*',
      '*isolation*fa*',
      '*welded*',
    ],
  },
  disturbance: {
    windowMinutes: 10,
    operations: ['risk:disruptive', 'risk:critical'],
    except: [
      'power.*',
      'profile.*',
      'settings.*',
      'tokens.*',
      'tariff.*',
      'monitoring.*',
      'reservation.*',
      'information.*',
      'session.priority',
      'session.energy-transfer',
      'vendor.message',
      'certificate.*',
      'charger.rotate-credential',
    ],
    alone: { site: { share: 0.5, atLeast: 2 }, fleet: { share: 0.1, atLeast: 25 } },
    approved: { site: { share: 1, atLeast: 2 }, fleet: { share: 0.5, atLeast: 25 } },
    approverRoles,
  },
  power: {
    operations: [
      'power.*',
      'profile.*',
      'grid.*',
      'session.start',
      'session.stop',
      'session.priority',
      'session.energy-transfer',
      'charger.availability',
      'charger.reset',
    ],
    wattsPerMinute: 500_000,
    shareOfFleet: 0.05,
    assumedWatts: 11_000,
    spreadFrom: 10,
    jitter: 0.5,
  },
  windows: { windows: [], outside: 'approval', approverRoles },
  maintenance: {
    exceptRobots: ['local'],
    systemMay: ['charger.availability', 'power.*', 'session.stop', 'certificate.*'],
  },
  robots: {
    perHour: {
      local: [
        { operations: ['risk:routine'], limit: 20_000 },
        { operations: ['risk:disruptive'], limit: 2_000 },
        { operations: ['risk:critical'], limit: 100 },
      ],
    },
  },
}
