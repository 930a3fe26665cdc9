import type { Static, TSchema } from 'typebox'
import type { Json, JsonObject } from '../kernel/json.ts'
import type {
  OutboundAction,
  OutboundRequest,
  OutboundResponse,
  Version,
} from '../ocpp/versions.ts'
import type { ChargerFacts } from './facts.ts'

/**
 * An operation is what an operator can ask of a charger, declared once: the words, the parameters, and
 * for every OCPP version either the exact CALL with the meaning of every answer, or the reason why that
 * version cannot. Route, CLI verb, permission, audit event and reference page are derived from it.
 */
export interface Operation<Name extends string = string, Params extends TSchema = TSchema> {
  readonly name: Name
  readonly title: string
  /** What it does and what it does not, for the person about to use it. */
  readonly description: string
  readonly risk: Risk
  readonly params: Params
  /** Sending it twice does no harm. If false it is sent at most once, whatever crashes. */
  readonly repeatable: boolean
  /** How long it may wait for an offline charger when the submitter names no `notAfter`. */
  readonly expiresAfterMs: number
  /** Which other commands on the same charger it cannot live beside. */
  readonly conflict: ConflictRule<Static<Params>>
  readonly effect: Effect<Static<Params>>
  /** What no charger should be asked, whatever its version; refused before anything is stored. */
  readonly check?: (params: Static<Params>) => Refusal | undefined
  /** A charger whose boot is Pending may be asked (OCPP 1.6 4.2, 2.0.1 B02: configuration only). */
  readonly whilePending: boolean
  /** How to put things back, in words or as another operation. */
  readonly undo?: string
  readonly versions: { readonly [V in Version]: VersionPlan<V, Static<Params>> | Absent }
}

/** read: looks only. routine: changes nothing lasting. disruptive: drivers notice. critical: power or safety. */
export type Risk = 'read' | 'routine' | 'disruptive' | 'critical'

export interface ConflictRule<P> {
  /** Commands of one operation with the same scope on one charger meet the rule; undefined: no conflict. */
  readonly scope?: (params: P) => string
  /** `supersede`: the newer replaces one that has not been sent. `refuse`: the newer is refused while an older is unsettled. */
  readonly when: 'never' | 'supersede' | 'refuse'
  /** Other commands to this charger wait until this one is settled, e.g. while it restarts. Given the answer's `result`. */
  readonly holdsCharger?: (answer: Json) => boolean
}

/** This version cannot do it. Operators see `because`. */
export interface Absent {
  readonly absent: true
  readonly because: string
}

export function absent(because: string): Absent {
  return { absent: true, because }
}

/** The wire form of an operation in one version, its types erased once the declaration has compiled. */
export interface VersionPlan<V extends Version, P> {
  readonly version: V
  readonly action: string
  /** The payload for this charger, or why it cannot be asked. */
  request(params: P, charger: ChargerFacts, fresh: Fresh): object | Refusal
  /** The meaning of a valid answer. */
  judge(response: unknown, params: P): Verdict
  /** A second, repeatable CALL that reads back what was stored. */
  readonly readBack?: {
    readonly action: string
    request(params: P, charger: ChargerFacts): object
    /** `stored` is the `result` of the first answer. */
    judge(response: unknown, params: P, stored: Json): Verdict
  }
}

/** What a plan may need that is made once per command and kept with it. */
export interface Fresh {
  /** A number unique to this command, 1 to 2^31-1, e.g. for remoteStartId. */
  readonly number: number
}

export interface Refusal {
  readonly refused: string
  /** The parameter at fault, where one is. */
  readonly field?: string
}

export function refuse(refused: string, field?: string): Refusal {
  return field === undefined ? { refused } : { refused, field }
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value && typeof value.refused === 'string'
}

/**
 * What an answer means.
 * `accepted`: the charger will attempt it; the effect decides.
 * `done`: the answer itself is the effect (a value read).
 * `unverifiable`: stored or begun, and nothing can show it; an honest end.
 */
export type Verdict =
  | { readonly meaning: 'accepted'; readonly detail?: string; readonly result?: Json }
  | { readonly meaning: 'done'; readonly result?: Json; readonly detail?: string }
  | { readonly meaning: 'unverifiable'; readonly detail: string; readonly result?: Json }
  | { readonly meaning: 'refused'; readonly detail: string; readonly result?: Json }
  | { readonly meaning: 'unsupported'; readonly detail: string; readonly result?: Json }
  | { readonly meaning: 'failed'; readonly detail: string; readonly result?: Json }

export const accepted: Verdict = { meaning: 'accepted' }
export const done: Verdict = { meaning: 'done' }
export function refusedBecause(detail: string): Verdict {
  return { meaning: 'refused', detail }
}
export function unsupportedBecause(detail: string): Verdict {
  return { meaning: 'unsupported', detail }
}

/** When an accepted command has really worked. */
export type Effect<P> =
  /** The answer, or the read-back, says all there is. */
  | { readonly seenIn: 'answer' }
  | {
      readonly seenIn: 'behaviour'
      /** In words, for operators: "a BootNotification after the reset". */
      readonly looksLike: string
      /** How long to look for it; may depend on the answer's `result`, e.g. a reset scheduled for later. */
      readonly withinMs: number | ((answer: Json) => number)
      /** Judges the facts since the CALL left (ms since the epoch, our clock). Pure. */
      seen(facts: ChargerFacts, since: number, params: P, context: EffectContext): Sighting
    }

export interface EffectContext {
  readonly fresh: Fresh
  /** The verdict's `result` of the answer, if it had one. */
  readonly answer?: Json
  /** The charger has answered; without a word from it, only what came after the frame proves anything. */
  readonly answered: boolean
  /** The CALL's payload as it was sent. */
  readonly payload: JsonObject
  /** The connection's epoch when the CALL left. */
  readonly epoch: number
}

export type Sighting =
  | { readonly seen: 'yes'; readonly result?: Json }
  | { readonly seen: 'no'; readonly because: string }
  | { readonly seen: 'not-yet' }

export const notYet: Sighting = { seen: 'not-yet' }

type StatusOf<R> = R extends { status: infer S } ? (S extends string ? S : never) : never
type MaybeVerdict<R, P> = Verdict | ((response: R, params: P) => Verdict)

/** How a CALL is declared: by a table with one entry for every status the schema knows (a forgotten one does not compile), or by a function where the answer has no single status. */
type Ask<Request, Response, P> = {
  readonly request: (params: P, charger: ChargerFacts, fresh: Fresh) => Request | Refusal
} & ([StatusOf<Response>] extends [never]
  ? { readonly judge: (response: Response, params: P) => Verdict }
  : { readonly answers: { readonly [S in StatusOf<Response>]: MaybeVerdict<Response, P> } })

interface ReadBack<Request, Response, P> {
  readonly request: (params: P, charger: ChargerFacts) => Request
  readonly judge: (response: Response, params: P, stored: Json) => Verdict
}

type Version2 = '2.0.1' | '2.1'
/** Actions both 2.x versions have. */
type Action2 = OutboundAction<'2.0.1'> & OutboundAction<'2.1'>
type Request2<A extends Action2> = OutboundRequest<'2.0.1', A> & OutboundRequest<'2.1', A>
type Response2<A extends Action2> = OutboundResponse<'2.0.1', A> | OutboundResponse<'2.1', A>

/** The parts of an `Ask` whichever form it has, with the wire types erased. */
interface LooseAsk<P> {
  readonly request: (params: P, charger: ChargerFacts, fresh: Fresh) => object | Refusal
  readonly judge?: (response: unknown, params: P) => Verdict
  readonly answers?: Readonly<Record<string, MaybeVerdict<unknown, P>>>
}

function erase<V extends Version, P>(
  version: V,
  action: string,
  ask: object,
  readBack?: { action: string; ask: object },
): VersionPlan<V, P> {
  const { request, judge, answers } = ask as LooseAsk<P>
  const plan = {
    version,
    action,
    request,
    judge(response: unknown, params: P): Verdict {
      if (judge !== undefined) return judge(response, params)
      const status = (response as { readonly status: string }).status
      const entry = answers?.[status]
      if (entry === undefined)
        return { meaning: 'failed', detail: `${status} is no answer this version knows` }
      return typeof entry === 'function' ? entry(response, params) : entry
    },
  }
  if (readBack === undefined) return plan
  return {
    ...plan,
    readBack: {
      action: readBack.action,
      ...(readBack.ask as Omit<NonNullable<VersionPlan<V, P>['readBack']>, 'action'>),
    },
  }
}

/**
 * For one parameter type, the functions that declare a version's CALL with everything checked: the
 * action exists in the version, the payload fits its schema, every answer is mapped.
 */
export function planner<P>() {
  function call<V extends Version, A extends OutboundAction<V>>(
    version: V,
    action: A,
    ask: NoInfer<Ask<OutboundRequest<V, A>, OutboundResponse<V, A>, P>>,
  ): VersionPlan<V, P> {
    return erase(version, action, ask)
  }

  /** The same, followed by a second CALL that reads back what the first stored. */
  function callThenReadBack<
    V extends Version,
    A extends OutboundAction<V>,
    B extends OutboundAction<V>,
  >(
    version: V,
    action: A,
    ask: NoInfer<Ask<OutboundRequest<V, A>, OutboundResponse<V, A>, P>>,
    readAction: B,
    readBack: NoInfer<ReadBack<OutboundRequest<V, B>, OutboundResponse<V, B>, P>>,
  ): VersionPlan<V, P> {
    return erase(version, action, ask, { action: readAction, ask: readBack })
  }

  /** Declares for 2.0.1 and 2.1 at once what both say alike. */
  function call2x<A extends Action2>(
    action: A,
    ask: NoInfer<Ask<Request2<A>, Response2<A>, P>>,
  ): { readonly [V in Version2]: VersionPlan<V, P> } {
    return { '2.0.1': erase('2.0.1', action, ask), '2.1': erase('2.1', action, ask) }
  }

  function call2xThenReadBack<A extends Action2, B extends Action2>(
    action: A,
    ask: NoInfer<Ask<Request2<A>, Response2<A>, P>>,
    readAction: B,
    readBack: NoInfer<ReadBack<Request2<B>, Response2<B>, P>>,
  ): { readonly [V in Version2]: VersionPlan<V, P> } {
    const second = { action: readAction, ask: readBack }
    return {
      '2.0.1': erase('2.0.1', action, ask, second),
      '2.1': erase('2.1', action, ask, second),
    }
  }

  return { call, callThenReadBack, call2x, call2xThenReadBack }
}

/** Declares an operation; exists so that a declaration's types are checked where it is written. */
export function operation<const Name extends string, Params extends TSchema>(
  declaration: Operation<Name, Params>,
): Operation<Name, Params> {
  return declaration
}
