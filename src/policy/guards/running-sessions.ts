import type { JsonObject } from '../../kernel/json.ts'
import { coversOperation } from '../operation-pattern.ts'
import { counted, named } from '../words.ts'
import type { Guard } from './guard.ts'
import { about, nothingSaid } from './guard.ts'
import { sessionsThere } from './place.ts'

const rule = 'guard.running-sessions'

/**
 * Operations that end or endanger a running session, and the parameter of their own that says it knowingly. Explained
 * without it they do not know.
 */
const guarded: Readonly<Record<string, { knows(params: JsonObject): boolean; instead: string }>> = {
  'charger.reset': {
    knows: ({ mode }) => mode !== undefined && mode !== 'now',
    instead: 'take mode when-idle (OCPP 2.x) or after-stopping-sessions',
  },
  'connector.unlock': {
    knows: ({ evenWithSession }) => evenWithSession === true,
    instead: 'stop the session first (session.stop), or say evenWithSession',
  },
}

export const runningSessions: Guard = {
  rule,
  title: 'Running sessions',
  because: 'Nobody ends a driver’s session, or unlocks a live cable, without knowing that they do.',
  figures: ({ sessions }) => [
    `holds for ${sessions.operations.join(' and ')}; \`acknowledges: ["running-sessions"]\` says that one knows`,
  ],
  decide({ what, targets, rules }) {
    const known = guarded[what.operation.name]
    if (known === undefined) return nothingSaid
    if (!coversOperation(rules.guards.sessions.operations, what.operation)) return nothingSaid
    if (known.knows(what.params) || what.acknowledges.includes('running-sessions'))
      return nothingSaid
    const busy = targets.filter(({ sessionsAt }) => sessionsThere(sessionsAt, what.params) > 0)
    if (busy.length === 0) return nothingSaid
    const sessions = busy.reduce(
      (sum, { sessionsAt }) => sum + sessionsThere(sessionsAt, what.params),
      0,
    )
    const where = named(busy.map(({ charger }) => charger))
    return {
      spoken: [
        {
          rule,
          says: 'denies',
          sentence: `${counted(sessions, 'session')} ${sessions === 1 ? 'runs' : 'run'} on ${where}: ${known.instead}, or acknowledge running-sessions knowingly.`,
          detail: { sessions, chargers: busy.length },
          ...about(busy),
        },
      ],
    }
  },
}
