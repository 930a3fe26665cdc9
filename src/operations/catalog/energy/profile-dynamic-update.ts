import Type from 'typebox'
import type { Static } from 'typebox'
import { absent, operation, planner, refuse } from '../../operation.ts'
import { rejected } from './status-info.ts'

const amount = (description: string, most?: number) =>
  Type.Optional(Type.Number({ ...(most === undefined ? {} : { maximum: most }), description }))

/** OCPP 2.1 ChargingScheduleUpdateType, with its own names. */
const update = {
  limit: amount('Limit, in the unit of the schedule'),
  limit_L2: amount('Limit of phase L2'),
  limit_L3: amount('Limit of phase L3'),
  dischargeLimit: amount('Limit of what is given back; not above 0', 0),
  dischargeLimit_L2: amount('The same of phase L2', 0),
  dischargeLimit_L3: amount('The same of phase L3', 0),
  setpoint: amount('Power or current to keep; below 0 gives back'),
  setpoint_L2: amount('The same of phase L2'),
  setpoint_L3: amount('The same of phase L3'),
  setpointReactive: amount('Reactive power or current to keep'),
  setpointReactive_L2: amount('The same of phase L2'),
  setpointReactive_L3: amount('The same of phase L3'),
}

const params = Type.Object(
  {
    id: Type.Integer({
      minimum: 0,
      maximum: 2_147_483_647,
      description: 'Id of a profile of kind Dynamic',
    }),
    ...update,
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()
const since = absent('dynamic charging profiles came with OCPP 2.1 (K28)')

export const profileDynamicUpdate = operation({
  name: 'profile.dynamic-update',
  title: 'Give a dynamic charging profile new values',
  description:
    'Changes the limits or setpoints of a charging profile of kind Dynamic at once, without sending it anew. Nothing but the answer, and the power drawn, shows it.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60_000,
  conflict: { when: 'supersede', scope: ({ id }) => `profile ${id}` },
  check: ({ id: _id, ...values }) =>
    Object.values(values).some((value) => value !== undefined)
      ? undefined
      : refuse('give at least one value', 'limit'),
  effect: { seenIn: 'answer' },
  undo: 'the same with the values before',
  versions: {
    '1.6': since,
    '2.0.1': since,
    '2.1': call('2.1', 'UpdateDynamicSchedule', {
      request: ({ id, ...values }) => ({
        chargingProfileId: id,
        scheduleUpdate: Object.fromEntries(
          Object.entries(values).filter(([, value]) => value !== undefined),
        ),
      }),
      answers: {
        Accepted: { meaning: 'unverifiable', detail: 'accepted; only the power drawn shows it' },
        Rejected: rejected('the charger rejected the new values'),
      },
    }),
  },
})
