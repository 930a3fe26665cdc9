import { Type } from 'typebox'
import { standings } from '../../upkeep/maintenance/stay.ts'
import { SubmissionSchema, TargetsSchema } from './command.ts'
import { moment, nullable, oneOf, pageQuery, Reason, refTo, strict } from './common.ts'

const holder = Type.Object(
  { kind: Type.String(), id: Type.String(), name: Type.String() },
  { description: 'Who holds it' },
)
const states = ['held', 'leaving'] as const
const sessionChoice = oneOf(['wait', 'stop'], {
  description: 'What becomes of running sessions: waited for, or stopped first',
})
const standing = oneOf(standings, {
  description:
    'Whether the charger follows. `not-connected`: it is told when it connects. `waiting-for-sessions`: it goes out when they end. `out-of-service`: every connector shows it. `not-following`: it was told and does not do it.',
})

export const MaintenanceSchema = Type.Object(
  {
    charger: Type.String(),
    state: oneOf(states, {
      description:
        '`held`: out of service on somebody’s word. `leaving`: it is being put back as it was before.',
    }),
    since: moment(),
    until: nullable(moment('When it ends by itself; null: when somebody ends it')),
    by: holder,
    reason: Type.String(),
    sessions: sessionChoice,
    standing,
    standingSince: moment(),
    detail: nullable(Type.String({ description: 'Why it stands so' })),
    nextTryAt: nullable(moment('When a charger that does not follow is told again')),
    rounds: Type.Integer({ description: 'How often it was told' }),
    before: Type.Array(
      Type.Object({
        evse: Type.Integer(),
        connector: Type.Integer(),
        availability: oneOf(['operative', 'inoperative']),
        by: Type.Unsafe<'us' | 'somebody else' | null>({
          type: ['string', 'null'],
          enum: ['us', 'somebody else', null],
          description: 'Of an inoperative one: who had put it out of service',
        }),
      }),
      { description: 'How its connectors were before, and will be again' },
    ),
    commands: Type.Array(Type.String(), { description: 'The commands it was told by last' }),
  },
  { $id: 'Maintenance', description: 'A charger under maintenance, or on its way back' },
)

const wish = {
  reason: Reason,
  ticket: SubmissionSchema.properties.ticket,
  until: Type.Optional(moment('When it ends by itself; absent: when somebody ends it')),
  sessions: Type.Optional(sessionChoice),
  takeOver: Type.Optional(
    Type.Boolean({ description: 'Also where somebody else holds it; false when absent' }),
  ),
}

export const MaintenanceWishSchema = strict(wish, { $id: 'MaintenanceWish' })

export const MaintenanceManySchema = strict(
  { target: refTo(TargetsSchema), ...wish },
  { $id: 'MaintenanceOfMany' },
)

export const MaintenanceLeaveManySchema = strict(
  { target: refTo(TargetsSchema), reason: wish.reason, takeOver: wish.takeOver },
  { $id: 'MaintenanceEndOfMany' },
)

export const MaintenanceLeaveQuery = strict({ reason: Reason, takeOver: wish.takeOver })

export const MaintenanceReportSchema = Type.Object(
  {
    total: Type.Integer({ description: 'Chargers meant' }),
    done: Type.Integer({ description: 'Chargers that entered, were changed, or begin to leave' }),
    held: Type.Integer({ description: 'Chargers left as they are: somebody else holds them' }),
    heldByOthers: Type.Array(
      Type.Object({
        charger: Type.String(),
        by: holder,
        since: moment(),
        reason: Type.String(),
      }),
      { description: 'The first 100 of these' },
    ),
    notUnderMaintenance: Type.Integer({ description: 'Of a wish to leave: nothing to leave' }),
  },
  { $id: 'MaintenanceReport', description: 'What became of the wish' },
)

export const MaintenanceQuery = pageQuery({
  state: Type.Optional(oneOf(states)),
  standing: Type.Optional(oneOf(standings)),
})
