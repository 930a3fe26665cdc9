import { callKey } from '../audit/intents.ts'
import type { CountedFrame } from '../gateway/protocol.ts'
import type { JsonObject } from '../kernel/json.ts'

/** What must not be and was. */
export interface Finding {
  readonly kind: IncidentKind
  readonly gateway: string
  readonly charger: string | null
  readonly detail: JsonObject
}

export const incidentKinds = ['unexplained-frame', 'uncounted-frames'] as const
export type IncidentKind = (typeof incidentKinds)[number]

export interface Reconciled {
  /** Each gateway run with the number it has been counted to. */
  readonly counted: ReadonlyMap<string, { readonly gateway: string; readonly number: number }>
  readonly findings: readonly Finding[]
  /** Questions for a boot that gateways asked by themselves. */
  readonly own: readonly CountedFrame[]
  /** Keys of the CALLs that were counted now. */
  readonly left: ReadonlySet<string>
}

/** What frames are held against. */
export interface Known {
  /** How far each run was counted before. */
  readonly counted: ReadonlyMap<string, number>
  /** Keys of the CALLs that the record announced. */
  readonly announced: ReadonlySet<string>
  /** Keys of CALLs that have left already, as far as is remembered. */
  readonly gone: ReadonlySet<string>
}

/**
 * Holds frames against the record: each must have been announced, one frame for each announcement, and none may
 * be missing between the last one counted and the next.
 */
export function reconcile(
  frames: readonly CountedFrame[],
  { counted, announced, gone }: Known,
): Reconciled {
  const reached = new Map<string, { gateway: string; number: number }>()
  const findings: Finding[] = []
  const own: CountedFrame[] = []
  const left = new Set<string>()
  for (const frame of frames) {
    const { run, gateway, number, identity } = frame
    const key = keyOf(frame)
    const before = reached.get(run)?.number ?? counted.get(run) ?? 0
    // Told again because our answer was lost.
    if (number <= before) continue
    if (number > before + 1) findings.push(uncounted(frame, before))
    reached.set(run, { gateway, number })
    const again = gone.has(key) || left.has(key)
    left.add(key)
    if (isOwnQuestion(frame)) own.push(frame)
    else if (again || !announced.has(key))
      findings.push({
        kind: 'unexplained-frame',
        gateway,
        charger: identity,
        detail: { ...described(frame), ...(again ? { again } : {}) },
      })
  }
  return { counted: reached, findings, own, left }
}

function keyOf({ callId, identity }: CountedFrame): string {
  return callKey({ callId, charger: identity })
}

function uncounted({ gateway, run, number }: CountedFrame, before: number): Finding {
  const detail = { run, from: before + 1, to: number - 1, frames: number - 1 - before }
  return { kind: 'uncounted-frames', gateway, charger: null, detail }
}

/** All a gateway may ask by itself, and only where the charger's policy says so. */
function isOwnQuestion({ own, action }: CountedFrame): boolean {
  return own === true && action === 'TriggerMessage'
}

function described({ run, number, callId, action, at, own }: CountedFrame): JsonObject {
  return {
    run,
    number,
    callId,
    action,
    sentAt: new Date(at).toISOString(),
    ...(own === true ? { own } : {}),
  }
}
