import { Type, type Static } from 'typebox'

/**
 * What a detector does when it finds something. `observe`: an alert only. `step-up`: a second factor, shown now.
 * `approval`: somebody else agrees. `throttle`: not for a while. `hold`: nothing more of this actor until
 * somebody has reviewed the alert.
 */
export const detectionModes = ['off', 'observe', 'step-up', 'approval', 'throttle', 'hold'] as const
export type DetectionMode = (typeof detectionModes)[number]

const mode = Type.Enum(detectionModes)
/** What is done where a person, and where a robot did it. */
const modes = { person: mode, robot: mode }
const count = (least: number, most: number) => Type.Integer({ minimum: least, maximum: most })

export const DetectionRulesSchema = Type.Object(
  {
    /** How far back a baseline looks. */
    baselineDays: count(7, 90),
    /** A factor shown at most this long ago satisfies `step-up`. */
    stepUpMinutes: count(1, 120),
    approverRoles: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      minItems: 1,
      maxItems: 20,
    }),
    frequency: Type.Object(
      {
        ...modes,
        /** Deviations above the median that are unusual. */
        deviations: Type.Number({ minimum: 1, maximum: 100 }),
        /** Chargers in an hour that are never unusual. */
        least: count(1, 100_000),
        /** Hours with activity before a baseline is believed; before that `ceiling` counts. */
        activeHours: count(1, 1_000),
        ceiling: count(1, 100_000),
      },
      { additionalProperties: false },
    ),
    firstEver: Type.Object(
      {
        ...modes,
        /** Somebody's attempts before what they never did says anything. */
        attempts: count(1, 10_000),
      },
      { additionalProperties: false },
    ),
    sameFault: Type.Object(
      {
        ...modes,
        /** Resets within a day that left the same fault standing. */
        resets: count(1, 100),
      },
      { additionalProperties: false },
    ),
    refusals: Type.Object(
      {
        ...modes,
        /** Refusals within an hour before their share says anything. */
        least: count(1, 10_000),
        share: Type.Number({ minimum: 0, maximum: 1 }),
      },
      { additionalProperties: false },
    ),
    offHours: Type.Object(
      {
        ...modes,
        /** Somebody's attempts before their usual hours are known. */
        attempts: count(1, 10_000),
        /** An hour of the day with less of somebody's attempts than this share is not theirs. */
        share: Type.Number({ minimum: 0, maximum: 1 }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
export type DetectionRules = Static<typeof DetectionRulesSchema>

export const defaultDetectionRules: DetectionRules = {
  baselineDays: 28,
  stepUpMinutes: 5,
  approverRoles: ['approver', 'owner'],
  frequency: {
    person: 'step-up',
    robot: 'throttle',
    deviations: 6,
    least: 30,
    activeHours: 24,
    ceiling: 200,
  },
  firstEver: { person: 'step-up', robot: 'observe', attempts: 50 },
  sameFault: { person: 'approval', robot: 'throttle', resets: 2 },
  refusals: { person: 'hold', robot: 'hold', least: 10, share: 0.5 },
  offHours: { person: 'step-up', robot: 'observe', attempts: 100, share: 0.01 },
}
