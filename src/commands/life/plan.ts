import type { JsonObject } from '../../kernel/json.ts'
import { canDo, knownCapabilities } from '../../models/capability.ts'
import type { Version } from '../../ocpp/versions.ts'
import type { ChargerFacts } from '../../operations/facts.ts'
import { isRefusal } from '../../operations/operation.ts'
import type { Fresh, Operation } from '../../operations/operation.ts'
import type { PlannedCall } from '../dispatch.ts'

/** The exact CALL an operation becomes for one charger, or why that charger cannot be asked. */
export type Planned =
  | { readonly kind: 'call'; readonly call: PlannedCall }
  | {
      readonly kind: 'cannot'
      /** `unsupported`: never on this charger as it is. `refused`: not so, or not now. */
      readonly end: 'refused' | 'unsupported'
      readonly because: string
      /** The parameter at fault, where one is. */
      readonly field?: string
    }

/** Plans a command for a charger from what is known of it. Used for the real turn and for looking ahead alike. */
export function planFor(
  operation: Operation,
  params: JsonObject,
  facts: ChargerFacts & { version: Version },
  fresh: Fresh,
): Planned {
  const plan = operation.versions[facts.version]
  if ('absent' in plan) return { kind: 'cannot', end: 'unsupported', because: plan.because }
  const able = canDo(knownCapabilities(facts), plan.action)
  if (able.can === false) return { kind: 'cannot', end: 'unsupported', because: able.why }
  if (facts.bootState === 'pending' && !operation.whilePending) {
    const because = 'the charger is still being registered (Pending): only configuration is allowed'
    return { kind: 'cannot', end: 'refused', because }
  }
  const payload = plan.request(params, facts, fresh)
  if (isRefusal(payload)) {
    const field = payload.field === undefined ? {} : { field: payload.field }
    return { kind: 'cannot', end: 'refused', because: payload.refused, ...field }
  }
  const expects = operation.expects?.(params, facts, fresh)
  return {
    kind: 'call',
    call: {
      version: plan.version,
      action: plan.action,
      payload: payload as JsonObject,
      ...(able.can === 'unknown' ? { novel: true } : {}),
      ...(expects === undefined ? {} : { expects }),
    },
  }
}
