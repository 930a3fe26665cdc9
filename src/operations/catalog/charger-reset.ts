import Type from 'typebox'
import type { Static } from 'typebox'
import { accepted, notYet, operation, planner, refuse, refusedBecause } from '../operation.ts'
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { Verdict } from '../operation.ts'
import type { ChargerFacts } from '../facts.ts'

const params = Type.Object(
  {
    mode: Type.Enum(['now', 'after-stopping-sessions', 'when-idle', 'resume'], {
      description:
        'now: at once (1.6 Hard, 2.x Immediate). after-stopping-sessions: ends sessions in good order first (1.6 Soft, 2.x Immediate). ' +
        'when-idle: waits until no session runs (2.x OnIdle). resume: at once, sessions go on afterwards (2.1 ImmediateAndResume).',
    }),
    evse: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'Only this EVSE (OCPP 2.x)' }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call } = planner<Params>()

const minute = 60_000
/** OCPP 2.x BootReasonEnumType. */
const resetReasons: ReadonlySet<string> = new Set(['RemoteReset', 'ScheduledReset'])
const scheduled = {
  meaning: 'accepted',
  detail: 'the charger will reset when its sessions have ended',
  result: { scheduled: true },
} as const

function isScheduled(answer: Json): boolean {
  return isJsonObject(answer) && answer.scheduled === true
}

/** OCPP gives no sign by which the restart of a single EVSE could be told from any other report of it. */
const acceptedOfWhole = (_response: unknown, { evse }: Params): Verdict =>
  evse === undefined
    ? accepted
    : {
        meaning: 'unverifiable',
        detail: `accepted for EVSE ${evse}; nothing shows when one EVSE has restarted`,
      }
const scheduledOfWhole = (_response: unknown, { evse }: Params): Verdict =>
  evse === undefined
    ? scheduled
    : {
        meaning: 'unverifiable',
        detail: `scheduled for EVSE ${evse}; nothing shows when one EVSE has restarted`,
      }

/** 2.0.1 B11/B12: Immediate ends running transactions itself (ImmediateReset) and then resets. */
function type2(mode: 'now' | 'after-stopping-sessions' | 'when-idle'): 'Immediate' | 'OnIdle' {
  return mode === 'when-idle' ? 'OnIdle' : 'Immediate'
}

function evseOf({ evse }: Params): { evseId?: number } {
  return evse === undefined ? {} : { evseId: evse }
}

export const chargerReset = operation({
  name: 'charger.reset',
  title: 'Reset a charger',
  description:
    'Restarts the charger, or one EVSE on OCPP 2.x. Worked when the charger boots again. Refused where the version cannot do exactly what was asked: ' +
    'OCPP 1.6 has no reset that waits for idle, and Soft is never sent in its place because it ends sessions.',
  risk: 'disruptive',
  params,
  repeatable: false,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: {
    when: 'refuse',
    scope: () => 'charger',
    holdsCharger: (answer) => !isScheduled(answer),
  },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger boots again',
    withinMs: (answer) => (isScheduled(answer) ? 24 * 60 * minute : 5 * minute),
    seen: (facts, since, _asked, { answered }) => bootedSince(facts, since, answered),
  },
  versions: {
    '1.6': call('1.6', 'Reset', {
      request({ mode, evse }) {
        if (evse !== undefined) return refuse('OCPP 1.6 can only reset the whole charger', 'evse')
        if (mode === 'now') return { type: 'Hard' }
        if (mode === 'after-stopping-sessions') return { type: 'Soft' }
        return refuse(
          mode === 'when-idle'
            ? 'OCPP 1.6 has no reset that waits for idle: Soft ends running sessions'
            : 'sessions survive a reset only on OCPP 2.1',
          'mode',
        )
      },
      answers: { Accepted: accepted, Rejected: refusedBecause('the charger rejected the reset') },
    }),
    '2.0.1': call('2.0.1', 'Reset', {
      request(asked) {
        if (asked.mode === 'resume')
          return refuse('sessions survive a reset only on OCPP 2.1', 'mode')
        return { type: type2(asked.mode), ...evseOf(asked) }
      },
      answers: {
        Accepted: acceptedOfWhole,
        Rejected: refusedBecause('the charger rejected the reset'),
        Scheduled: scheduledOfWhole,
      },
    }),
    '2.1': call('2.1', 'Reset', {
      request: (asked) => ({
        type: asked.mode === 'resume' ? 'ImmediateAndResume' : type2(asked.mode),
        ...evseOf(asked),
      }),
      answers: {
        Accepted: acceptedOfWhole,
        Rejected: refusedBecause('the charger rejected the reset'),
        Scheduled: scheduledOfWhole,
      },
    }),
  },
})

/**
 * A boot that was merely asked for with TriggerMessage proves no restart. Where the charger never answered
 * and gives a reason, the reason must be the reset: it may have booted for another.
 */
function bootedSince(facts: ChargerFacts, since: number, answered: boolean) {
  const { boot } = facts
  if (boot === undefined || boot.receivedAt <= since || boot.provoked) return notYet
  if (boot.reason === 'Triggered') return notYet
  if (!answered && boot.reason !== undefined && !resetReasons.has(boot.reason)) return notYet
  const { receivedAt: bootedAt, reason = null } = boot
  return { seen: 'yes', result: { bootedAt, reason, firmware: facts.firmware ?? null } } as const
}
