import type { Static, TSchema } from 'typebox'
import type { Json, JsonObject } from '../kernel/json.ts'
import type {
  OutboundAction,
  OutboundRequest,
  OutboundResponse,
  Version,
} from '../ocpp/versions.ts'
import type { ChargerFacts } from './facts.ts'
import type { FileProtocol } from './file-links.ts'
import type { Observation } from './observation.ts'
import type { SupplyRequest } from './supply.ts'

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
  /** What another room of ours gives to it when it is submitted; plans find it in `Fresh.supply`. */
  readonly supply?: (params: Static<Params>) => SupplyRequest | undefined
  /** A secret goes with its CALL that no plan and no record may hold (`sealed.ts`): it is made when the CALL is sent. */
  readonly seals?: 'charger-credential'
  /** What the effect is judged by and the parameters do not say; kept and recorded with the CALL. */
  readonly expects?: (params: Static<Params>, charger: ChargerFacts, fresh: Fresh) => Json
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
  /** The meaning of a valid answer to `payload`. */
  judge(response: unknown, params: P, payload: JsonObject): Verdict
  /** CALLs that follow once the first was accepted; each does no harm when sent twice. */
  readonly followUp?: FollowUp<P>
}

/** A CALL of a follow-up, its types erased. */
export interface NextCall {
  readonly action: string
  readonly payload: object
  /** Remembered with the CALL, in place of the `result` before: what its judgement, or sending it again, needs to know. */
  readonly stored?: Json
}

export interface FollowUp<P> {
  /** Every action that may follow. */
  readonly actions: readonly string[]
  /** It looks at what the first CALL did, so it tells also what became of one that nobody answered. */
  readonly reconciles: boolean
  /**
   * The next CALL; or the end, where a verdict says more than the answers did; or undefined when all is
   * said. `stored` is the `result` of the answer before, null where none came.
   */
  next(
    stored: Json,
    params: P,
    charger: ChargerFacts,
    fresh: Fresh,
  ): NextCall | Refusal | Verdict | undefined
  /** `accepted` goes on to the next CALL with its `result`; everything else is the end. */
  judge(action: string, response: unknown, params: P, stored: Json, payload?: JsonObject): Verdict
}

/** What stays the same for a command on one charger, however often it is planned. */
export interface Given {
  /** A number unique to this command, 1 to 2^31-1, e.g. for remoteStartId or requestId. */
  readonly number: number
  /** Our id of the command's part on this charger; what it uploads is kept under it. */
  readonly dispatch: string
}

/** What a plan may need beside the parameters and the facts. */
export interface Fresh extends Given {
  /** When this turn began, ms since the epoch. */
  readonly now: number
  /** What another room of ours gave when the command was submitted (`Operation.supply`), else null. */
  readonly supply: Json
  /** Addresses of our file plane for this command on this charger; undefined where no protocol is shared. */
  upload(protocols?: readonly FileProtocol[]): string | undefined
  download(
    file: { readonly id: string; readonly name: string },
    protocols?: readonly FileProtocol[],
    /** When the charger will come for it (ms since the epoch); at once when absent. */
    when?: { readonly usedAt: number },
  ): string | undefined
}

export interface Refusal {
  readonly refused: string
  /** The parameter at fault, where one is. */
  readonly field?: string
}

/** Whether what follows is an end and no CALL. */
export function isVerdict(value: object): value is Verdict {
  return 'meaning' in value
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
export type Verdict = (
  | { readonly meaning: 'accepted' | 'done'; readonly detail?: string }
  | {
      readonly meaning: 'unverifiable' | 'refused' | 'unsupported' | 'failed'
      readonly detail: string
    }
) & {
  readonly result?: Json
  /** What the answer teaches about the charger, whatever becomes of the command. */
  readonly learned?: readonly Observation[]
}

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
  readonly fresh: Given
  /** The verdict's `result` of the answer, if it had one. */
  readonly answer?: Json
  /** The charger has answered; without a word from it, only what came after the frame proves anything. */
  readonly answered: boolean
  /** What `Operation.expects` said when the CALL was planned, else null. */
  readonly expects: Json
  /** The payload of the CALL last sent. */
  readonly payload: JsonObject
  /** The connection's epoch when the CALL left. */
  readonly epoch: number
  /** The time to look is over: what is missing now stays missing. */
  readonly lastLook?: boolean
}

export type Sighting =
  | { readonly seen: 'yes'; readonly result?: Json }
  | { readonly seen: 'no'; readonly because: string }
  /** All there is to see has been seen, and it shows nothing either way. */
  | { readonly seen: 'unclear'; readonly because: string }
  | { readonly seen: 'not-yet' }

export const notYet: Sighting = { seen: 'not-yet' }

type StatusOf<R> = R extends { status: infer S } ? (S extends string ? S : never) : never
type MaybeVerdict<R, P> = Verdict | ((response: R, params: P, payload: JsonObject) => Verdict)

/** How a CALL is declared: by a table with one entry for every status the schema knows (a forgotten one does not compile), or by a function where the answer has no single status. */
type Ask<Request, Response, P> = {
  readonly request: (params: P, charger: ChargerFacts, fresh: Fresh) => Request | Refusal
} & ([StatusOf<Response>] extends [never]
  ? { readonly judge: (response: Response, params: P, payload: JsonObject) => Verdict }
  : { readonly answers: { readonly [S in StatusOf<Response>]: MaybeVerdict<Response, P> } })

interface ReadBack<Request, Response, P> {
  readonly request: (params: P, charger: ChargerFacts, fresh: Fresh) => Request
  readonly judge: (response: Response, params: P, stored: Json) => Verdict
}

/** A CALL of a follow-up, typed. */
interface NextOf<A extends string, Request> {
  readonly action: A
  readonly payload: Request
  readonly stored?: Json
}

/** Further CALLs of the actions `B`, as many as it takes. */
interface More<V extends Version, B extends OutboundAction<V>, P> {
  /** The last of them read back what the others stored, so they also follow a first CALL nobody answered. */
  readonly reconciles?: true
  readonly next: (
    stored: Json,
    params: P,
    charger: ChargerFacts,
    fresh: Fresh,
  ) => { [A in B]: NextOf<A, OutboundRequest<V, A>> }[B] | Refusal | Verdict | undefined
  readonly judge: {
    readonly [A in B]: (
      response: OutboundResponse<V, A>,
      params: P,
      stored: Json,
      payload: JsonObject,
    ) => Verdict
  }
}

type Version2 = '2.0.1' | '2.1'
/** Actions both 2.x versions have. */
type Action2 = OutboundAction<'2.0.1'> & OutboundAction<'2.1'>
type Request2<A extends Action2> = OutboundRequest<'2.0.1', A> & OutboundRequest<'2.1', A>
type Response2<A extends Action2> = OutboundResponse<'2.0.1', A> | OutboundResponse<'2.1', A>

interface More2<B extends Action2, P> {
  readonly reconciles?: true
  readonly next: (
    stored: Json,
    params: P,
    charger: ChargerFacts,
    fresh: Fresh,
  ) => { [A in B]: NextOf<A, Request2<A>> }[B] | Refusal | Verdict | undefined
  readonly judge: {
    readonly [A in B]: (
      response: Response2<A>,
      params: P,
      stored: Json,
      payload: JsonObject,
    ) => Verdict
  }
}

/** The parts of an `Ask` whichever form it has, with the wire types erased. */
interface LooseAsk<P> {
  readonly request: (params: P, charger: ChargerFacts, fresh: Fresh) => object | Refusal
  readonly judge?: (response: unknown, params: P, payload: JsonObject) => Verdict
  readonly answers?: Readonly<Record<string, MaybeVerdict<unknown, P>>>
}

function erase<V extends Version, P>(
  version: V,
  action: string,
  ask: object,
  followUp?: FollowUp<P>,
): VersionPlan<V, P> {
  const { request, judge, answers } = ask as LooseAsk<P>
  return {
    version,
    action,
    request,
    judge(response, params, payload) {
      if (judge !== undefined) return judge(response, params, payload)
      const status = (response as { readonly status: string }).status
      const entry = answers?.[status]
      if (entry === undefined)
        return { meaning: 'failed', detail: `${status} is no answer this version knows` }
      return typeof entry === 'function' ? entry(response, params, payload) : entry
    },
    ...(followUp === undefined ? {} : { followUp }),
  }
}

function readingBack<P>(action: string, readBack: object): FollowUp<P> {
  const { request, judge } = readBack as {
    request: (params: P, charger: ChargerFacts, fresh: Fresh) => object
    judge: (response: unknown, params: P, stored: Json) => Verdict
  }
  return {
    actions: [action],
    reconciles: true,
    next: (_stored, params, charger, fresh) => ({
      action,
      payload: request(params, charger, fresh),
    }),
    judge: (_action, response, params, stored) => judge(response, params, stored),
  }
}

function goingOn<P>(more: object): FollowUp<P> {
  const {
    next,
    judge,
    reconciles = false,
  } = more as {
    reconciles?: true
    next: FollowUp<P>['next']
    judge: Readonly<
      Record<string, (response: unknown, params: P, stored: Json, payload: JsonObject) => Verdict>
    >
  }
  return {
    actions: Object.keys(judge),
    reconciles,
    next,
    judge(action, response, params, stored, payload = {}) {
      const meaning = judge[action]
      if (meaning === undefined) throw new Error(`${action} was never asked by this plan`)
      return meaning(response, params, stored, payload)
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
    return erase(version, action, ask, readingBack(readAction, readBack))
  }

  /** The same, followed by as many further CALLs as it takes, e.g. the rest of a list that is too long for one. */
  function callThenMore<
    V extends Version,
    A extends OutboundAction<V>,
    B extends OutboundAction<V>,
  >(
    version: V,
    action: A,
    ask: NoInfer<Ask<OutboundRequest<V, A>, OutboundResponse<V, A>, P>>,
    more: More<V, B, P>,
  ): VersionPlan<V, P> {
    return erase(version, action, ask, goingOn(more))
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
    const second = readingBack<P>(readAction, readBack)
    return {
      '2.0.1': erase('2.0.1', action, ask, second),
      '2.1': erase('2.1', action, ask, second),
    }
  }

  function call2xThenMore<A extends Action2, B extends Action2>(
    action: A,
    ask: NoInfer<Ask<Request2<A>, Response2<A>, P>>,
    more: More2<B, P>,
  ): { readonly [V in Version2]: VersionPlan<V, P> } {
    const further = goingOn<P>(more)
    return {
      '2.0.1': erase('2.0.1', action, ask, further),
      '2.1': erase('2.1', action, ask, further),
    }
  }

  return { call, callThenReadBack, callThenMore, call2x, call2xThenReadBack, call2xThenMore }
}

/** Declares an operation; exists so that a declaration's types are checked where it is written. */
export function operation<const Name extends string, Params extends TSchema>(
  declaration: Operation<Name, Params>,
): Operation<Name, Params> {
  return declaration
}
