import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json } from '../../../kernel/json.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { ChargerFacts } from '../../facts.ts'
import { operation, planner } from '../../operation.ts'
import type { Fresh, Refusal } from '../../operation.ts'
import { unfit } from './list-limits.ts'
import { form16, form2x, part16, part2x } from './list-wire.ts'
import type { WireForm } from './list-wire.ts'
import { judgePart, judgeVersion, readFirst } from './push-judge.ts'
import { nextStep } from './push-next.ts'
import type { PushStep } from './push-next.ts'
import { stateOf, storedState } from './push-state.ts'
import { tokenListOf } from './token-list-supply.ts'

const params = Type.Object(
  {
    list: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'The name of the token list, as it stands when this is submitted',
    }),
    update: Type.Optional(
      Type.Enum(['as-needed', 'full'], {
        description:
          'as-needed: only what has changed, where the charger is known to hold an earlier revision. full: the whole list. as-needed when absent',
      }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore, call2xThenMore } = planner<Params>()
const hour = 3_600_000

export const tokensPush = operation({
  name: 'tokens.push',
  title: 'Send a token list',
  description:
    'Gives the charger a list of tokens to decide by itself, also without a connection: the changes where it holds an earlier revision, else the whole list, in parts it can take. Worked when the charger says that its list has the version it was given.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 24 * hour,
  conflict: { when: 'supersede', scope: () => 'local list' },
  effect: { seenIn: 'answer' },
  undo: 'tokens.push with the list before',
  supply: ({ list }) => ({ kind: 'token-list', list }),
  versions: {
    '1.6': callThenMore(
      '1.6',
      'GetLocalListVersion',
      {
        request: (_asked, charger, fresh) => fits('1.6', charger, fresh) ?? {},
        judge: ({ listVersion }) => readFirst(listVersion),
      },
      {
        next(stored, asked, charger, fresh) {
          const step = stepOf(stored, asked, charger, fresh, form16)
          if (step.step === 'end') return step.verdict
          const kept = { stored: storedState(step.state) }
          return step.step === 'send'
            ? { action: 'SendLocalList', payload: part16(step), ...kept }
            : { action: 'GetLocalListVersion', payload: {}, ...kept }
        },
        judge: {
          SendLocalList: ({ status }, _asked, stored) => judgePart(status, stateOf(stored), ''),
          GetLocalListVersion: ({ listVersion }, _asked, stored) =>
            judgeVersion(listVersion, stateOf(stored)),
        },
      },
    ),
    ...call2xThenMore(
      'GetLocalListVersion',
      {
        request: (_asked, charger, fresh) => fits(version2x(charger), charger, fresh) ?? {},
        judge: ({ versionNumber }) => readFirst(versionNumber),
      },
      {
        next(stored, asked, charger, fresh) {
          const step = stepOf(stored, asked, charger, fresh, form2x(version2x(charger)))
          if (step.step === 'end') return step.verdict
          const kept = { stored: storedState(step.state) }
          return step.step === 'send'
            ? { action: 'SendLocalList', payload: part2x(step), ...kept }
            : { action: 'GetLocalListVersion', payload: {}, ...kept }
        },
        judge: {
          SendLocalList: ({ status, statusInfo }, _asked, stored) =>
            judgePart(
              status,
              stateOf(stored),
              statusInfo === undefined ? '' : ` (${statusInfo.reasonCode})`,
            ),
          GetLocalListVersion: ({ versionNumber }, _asked, stored) =>
            judgeVersion(versionNumber, stateOf(stored)),
        },
      },
    ),
  },
})

/** The plan is of both 2.x versions; which it is shows the charger. */
function version2x({ version }: ChargerFacts): Version {
  return version ?? '2.0.1'
}

function fits(version: Version, charger: ChargerFacts, fresh: Fresh): Refusal | undefined {
  return unfit(version, tokenListOf(fresh.supply), charger, fresh.now)
}

function stepOf(
  stored: Json,
  { update }: Params,
  charger: ChargerFacts,
  fresh: Fresh,
  form: WireForm,
): PushStep {
  return nextStep(stateOf(stored), {
    supply: tokenListOf(fresh.supply),
    charger,
    now: fresh.now,
    always: update === 'full' ? 'full' : undefined,
    form,
  })
}
