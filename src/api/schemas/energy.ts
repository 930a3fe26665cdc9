import { Type } from 'typebox'
import { weeklySchema } from '../../operations/charging/weekly.ts'
import { ActorSchema } from './audit.ts'
import { moment, nullable, oneOf, Reason, refTo, strict } from './common.ts'

const amperes = { minimum: 0, maximum: 100_000 }

const limitFields = {
  amperes: Type.Optional(
    Type.Number({ ...amperes, description: 'A per phase for the whole site; or give kilowatts' }),
  ),
  kilowatts: Type.Optional(
    Type.Number({ ...amperes, description: 'kW for the whole site; or give amperes' }),
  ),
  weekly: Type.Optional(weeklySchema),
  leastAmperes: Type.Optional(
    Type.Number({
      minimum: 1,
      maximum: 1_000,
      description:
        'What a session gets at least while it is not paused, A per phase; 6 when absent',
    }),
  ),
  idleAmperes: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1_000,
      description:
        'What each idle EVSE may draw until a session there has got its share; 0 when absent: it waits for its share. Also what new sessions may draw where we cannot be reached.',
    }),
  ),
  weights: Type.Optional(
    Type.Array(
      strict({
        tag: Type.String({ minLength: 1, maxLength: 64 }),
        weight: Type.Integer({ minimum: 1, maximum: 100 }),
      }),
      { maxItems: 50, description: 'Chargers with a tag count so many times as much' },
    ),
  ),
  most: Type.Optional(
    Type.Array(
      strict({
        charger: Type.String({ minLength: 1, maxLength: 48 }),
        amperes: Type.Number({ ...amperes, description: 'At each EVSE, per phase' }),
      }),
      { maxItems: 1_000, description: 'What single chargers may draw at most' },
    ),
  ),
  turnMinutes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_440,
      description: 'How long a turn is where not all sessions fit; 15 when absent',
    }),
  ),
  phases: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 3,
      description: 'Phases, where amperes become kilowatts or the reverse; 3 when absent',
    }),
  ),
}

export const NewSiteLimitSchema = strict(
  { ...limitFields, reason: Reason },
  { $id: 'NewSiteLimit', description: 'What a site may draw in all, and how it is shared' },
)

const shown = {
  group: Type.String({ description: 'The group’s path' }),
  limit: strict(limitFields),
  reason: Type.String(),
  setBy: refTo(ActorSchema),
  setAt: moment(),
}

export const SiteLimitSchema = Type.Object(shown, {
  $id: 'SiteLimit',
  description: 'The limit of a site',
})

const amount = (description: string) => Type.Number({ description })
const perhaps = (description: string) => nullable(Type.Number({ description }))

export const SiteShareSchema = Type.Object(
  {
    charger: Type.String(),
    evse: Type.Integer(),
    doing: oneOf(['charging', 'waiting', 'idle', 'offline', 'not-following'], {
      description: 'waiting: paused, because not all sessions fit',
    }),
    target: perhaps('What it is meant to draw at most; null where it cannot be told'),
    told: perhaps('What it was told last'),
    state: oneOf(['never', 'pending', 'shown', 'kept', 'unverified', 'failed'], {
      description:
        'What became of it. shown: its composite schedule keeps to it; kept: its power does too; unverified: it accepted, and nothing shows it',
    }),
    bound: amount('What it may draw at most as far as is known'),
    measured: perhaps('What it draws by its own meter'),
    command: nullable(Type.String({ description: 'The command that told it' })),
    detail: nullable(Type.String()),
  },
  { $id: 'SiteShare', description: 'One EVSE of a limited site' },
)

export const SiteLimitStatusSchema = Type.Object(
  {
    ...shown,
    unit: oneOf(['A', 'W'], { description: 'Of the amounts here: A per phase, or W' }),
    now: amount('The limit in force now'),
    bound: amount('What may be drawn at most by all that is known'),
    measured: perhaps('What sessions draw by their own meters'),
    waiting: Type.Integer({ description: 'Sessions that are paused because not all fit' }),
    beyond: Type.Array(Type.String(), { description: 'What could not be followed' }),
    lastSplitAt: nullable(moment('When somebody was last told another share')),
    shares: Type.Array(refTo(SiteShareSchema)),
  },
  { $id: 'SiteLimitStatus', description: 'How it stands with the limit of a site' },
)

export const ToldProfilesSchema = Type.Object(
  {
    requestId: Type.Integer(),
    receivedAt: moment(),
    complete: Type.Boolean({ description: 'Every part of the list has come' }),
    profiles: Type.Array(
      Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
      { description: 'As OCPP has them, with evseId and chargingLimitSource' },
    ),
  },
  { $id: 'ChargingProfiles', description: 'Charging profiles a charger told' },
)
