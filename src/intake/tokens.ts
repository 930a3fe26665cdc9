import type { Belonging, OpenAccess } from '../access/access.ts'
import type { Judged, Presented } from '../access/judge.ts'
import type { ProductEvent } from '../bus/events.ts'
import type { OpenFleet } from '../fleet/open-fleet.ts'
import type { Heard } from '../fleet/reports/report.ts'
import type { RunningSession } from '../fleet/sessions/running.ts'
import type { InboundCall } from '../gateway/protocol.ts'
import type { TokenAnswer } from '../signals/answers/answer.ts'
import type { Signal } from '../signals/catalog.ts'

export interface TokenHouse {
  readonly access: Pick<OpenAccess, 'judge'>
  readonly fleet: Pick<OpenFleet, 'runningWith'>
  /** Told whenever somebody is not let in. */
  readonly refused: (event: ProductEvent) => void
}

const accepted: TokenAnswer = { status: 'Accepted' }

/** Answers whether the token in a message may charge: Authorize, StartTransaction, StopTransaction, TransactionEvent. */
export function openTokenAnswers({
  access,
  fleet,
  refused,
}: TokenHouse): (
  call: Pick<InboundCall, 'identity' | 'action'>,
  heard: Heard,
  signals: readonly Signal[],
  now: number,
) => Promise<TokenAnswer> {
  /** The answer, with what only the sessions elsewhere can tell. */
  async function settled(
    { answer, alone }: Judged,
    token: string | undefined,
    begun: { readonly charger: string; readonly transactionId: string | undefined },
    now: number,
  ): Promise<TokenAnswer> {
    const { charger, transactionId } = begun
    if (!alone || token === undefined || transactionId === undefined) return answer
    const running = await fleet.runningWith(token)
    if (!chargesElsewhere(running, { charger, transactionId }, now)) return answer
    const { parent } = answer
    return { status: 'ConcurrentTx', ...(parent === undefined ? {} : { parent }) }
  }

  return async ({ identity, action }, heard, signals, now) => {
    const presenting = signals.find(presentsToken)
    if (presenting === undefined) return accepted
    const presented = presentedIn(presenting)
    const charger: Belonging = heard.belonging ?? { identity, group: null, tags: [] }
    const judged = access.judge(charger, presented, now)
    const begun = { charger: identity, transactionId: transactionBegunBy(presenting, heard) }
    const answer = await settled(judged, presented.token, begun, now)
    const { status } = answer
    if (status !== 'Accepted') {
      const data = { token: presented.token ?? null, status, list: judged.list ?? null, action }
      refused({ type: 'token.refused', at: now, charger: identity, data })
    }
    return answer
  }
}

/** Whether somebody shows a token with it, or would have to. */
function presentsToken(signal: Signal): boolean {
  return signal.kind === 'transaction.started' || 'token' in signal || 'tokenType' in signal
}

function presentedIn(signal: Signal): Presented {
  return {
    token: 'token' in signal ? signal.token : undefined,
    type: 'tokenType' in signal ? signal.tokenType : undefined,
  }
}

/**
 * The transaction that the token begins or goes on with; undefined where it is only asked about, or ends one.
 * ConcurrentTx answers nothing else (1.6 7.2, 2.0.1 part 2 3.5).
 */
function transactionBegunBy(signal: Signal, heard: Heard): string | undefined {
  if (signal.kind !== 'transaction.started' && signal.kind !== 'transaction.updated')
    return undefined
  if (signal.numbering === 'theirs') return signal.transactionId
  return heard.transactionId === undefined ? undefined : String(heard.transactionId)
}

/** The stop of a session that began longer ago was probably lost; it keeps nobody from charging. */
const countsForMs = 24 * 3_600_000

/**
 * Whether the token was charging already when this transaction began. Of two that begin at once the later is refused,
 * and only that one, however often either is told.
 */
export function chargesElsewhere(
  running: readonly RunningSession[],
  begun: { readonly charger: string; readonly transactionId: string },
  now: number,
): boolean {
  const isBegun = (one: RunningSession): boolean =>
    one.charger === begun.charger && one.transactionId === begun.transactionId
  const own = running.find(isBegun)
  if (own === undefined) return false
  return running.some(
    (one) =>
      !isBegun(one) &&
      one.startedAt > now - countsForMs &&
      (one.startedAt < own.startedAt || (one.startedAt === own.startedAt && one.id < own.id)),
  )
}
