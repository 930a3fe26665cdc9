import { Type, type Static } from 'typebox'

const weight = Type.Number({ minimum: 0, maximum: 1_000 })
const factor = Type.Number({ minimum: 1, maximum: 100 })

/** From so many on the score is multiplied by this; the highest step reached counts. */
const steps = Type.Array(
  Type.Object(
    { from: Type.Integer({ minimum: 0 }), times: factor },
    { additionalProperties: false },
  ),
  { maxItems: 20 },
)

const minutes = (maximum: number) => Type.Number({ minimum: 0, maximum })

/** What has to be shown or agreed before something this risky is done. */
export const RiskNeedsSchema = Type.Object(
  {
    ticket: Type.Optional(Type.Boolean()),
    freshWithinMinutes: Type.Optional(minutes(30 * 24 * 60)),
    approvals: Type.Optional(
      Type.Array(
        Type.Object(
          {
            count: Type.Integer({ minimum: 1, maximum: 10 }),
            roles: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 20 }),
          },
          { additionalProperties: false },
        ),
        { maxItems: 5 },
      ),
    ),
    waitMinutes: Type.Optional(minutes(7 * 24 * 60)),
  },
  { additionalProperties: false },
)
export type RiskNeeds = Static<typeof RiskNeedsSchema>

const level = Type.Object(
  { from: Type.Number({ minimum: 0 }), needs: RiskNeedsSchema },
  { additionalProperties: false },
)

/** `08:30`. */
export const TimeOfDaySchema = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export const WeekDaySchema = Type.Enum([...weekDays])
/** E.g. `Europe/Berlin`; one that nobody knows counts as UTC. */
export const TimeZoneSchema = Type.String({ minLength: 1, maxLength: 60 })

/**
 * A score is the weight of the operation's class times one step of each factor. Factors are 1 or more, so
 * that more of anything never makes anything less risky.
 */
export const RiskRulesSchema = Type.Object(
  {
    /** The fleet's own, in which its hours are told. */
    timeZone: TimeZoneSchema,
    classes: Type.Object(
      { read: weight, routine: weight, disruptive: weight, critical: weight },
      { additionalProperties: false },
    ),
    /** Operations that weigh other than their class, by name. */
    operations: Type.Record(Type.String(), weight),
    /** By the number of chargers. */
    targets: steps,
    /** By the sessions that run on them. */
    sessions: steps,
    /** By the commands of the operation that failed on them within the last hour. */
    failures: steps,
    hours: Type.Array(
      Type.Object(
        {
          /** E.g. `the evening peak`. */
          name: Type.String({ minLength: 1, maxLength: 60 }),
          days: Type.Array(WeekDaySchema, { minItems: 1, maxItems: 7 }),
          from: TimeOfDaySchema,
          /** An earlier one lies on the day after. */
          to: TimeOfDaySchema,
          times: factor,
        },
        { additionalProperties: false },
      ),
      { maxItems: 20 },
    ),
    /** From which score on, and what is needed then; what a lower level needs is needed too. */
    levels: Type.Object(
      { moderate: level, high: level, severe: level },
      { additionalProperties: false },
    ),
    /** More that is needed from higher scores on. */
    beyond: Type.Array(level, { maxItems: 10 }),
  },
  { additionalProperties: false },
)
export type RiskRules = Static<typeof RiskRulesSchema>

export const defaultRiskRules: RiskRules = {
  timeZone: 'UTC',
  classes: { read: 0, routine: 5, disruptive: 20, critical: 50 },
  operations: {},
  targets: [
    { from: 6, times: 1.5 },
    { from: 21, times: 4 },
    { from: 201, times: 8 },
  ],
  sessions: [
    { from: 1, times: 1.25 },
    { from: 10, times: 1.5 },
    { from: 50, times: 2 },
  ],
  failures: [
    { from: 3, times: 1.25 },
    { from: 10, times: 1.5 },
  ],
  hours: [
    {
      name: 'the evening peak',
      days: [...weekDays],
      from: '16:00',
      to: '20:00',
      times: 1.1,
    },
    {
      name: 'the night, when few watch',
      days: [...weekDays],
      from: '23:00',
      to: '05:00',
      times: 1.1,
    },
  ],
  levels: {
    moderate: { from: 15, needs: { freshWithinMinutes: 8 * 60 } },
    high: { from: 45, needs: { freshWithinMinutes: 15 } },
    severe: {
      from: 75,
      needs: { freshWithinMinutes: 15, approvals: [{ count: 1, roles: ['approver', 'owner'] }] },
    },
  },
  beyond: [
    {
      from: 200,
      needs: {
        ticket: true,
        approvals: [{ count: 2, roles: ['approver', 'owner'] }],
        waitMinutes: 10,
      },
    },
  ],
}
