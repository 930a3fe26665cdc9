import type { TokenStatus } from '../signals/answers/answer.ts'

/**
 * Whether whoever holds this token may charge. Every token may: this system controls chargers and knows
 * no drivers. The one place to change when it does; Authorize, StartTransaction, StopTransaction and
 * TransactionEvent all answer with it.
 */
export function tokenStatus(_token: string | undefined): TokenStatus {
  return 'Accepted'
}
