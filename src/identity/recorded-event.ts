import type { AuditEvent } from '../audit/audit.ts'
import type { Actor, Context } from '../kernel/actor.ts'
import type { JsonObject } from '../kernel/json.ts'

export function event(
  context: Pick<Context, 'actor' | 'origin'>,
  name: string,
  at: number,
  detail: JsonObject,
  reason?: string,
): AuditEvent {
  return {
    at,
    actor: context.actor,
    origin: context.origin,
    event: name,
    detail,
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Who tries to become somebody. */
export const nobody: Actor = { kind: 'person', id: 'nobody', name: 'not signed in' }
