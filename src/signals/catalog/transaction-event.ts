import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { connectorSchema, evseSchema, placeOfEvse } from '../place.ts'
import { count, text, whole } from '../read.ts'
import { readTimestamp } from '../timestamp.ts'

const greatestInteger = 2 ** 31 - 1

/** What every OCPP 2.x TransactionEvent tells, whichever of the three it is. */
export const transactionEventSchema = Type.Object({
  /** The charger made the transaction id. */
  numbering: Type.Literal('theirs'),
  transactionId: Type.String(),
  seqNo: Type.Integer({ minimum: 0, maximum: greatestInteger }),
  evse: Type.Optional(evseSchema),
  connector: Type.Optional(connectorSchema),
  token: Type.Optional(Type.String()),
  /** OCPP 2.x IdTokenEnumType; `NoAuthorization` where nobody had to show anything. */
  tokenType: Type.Optional(Type.String()),
  remoteStartId: Type.Optional(Type.Integer()),
  at: Type.Optional(Type.Integer()),
  stopReason: Type.Optional(Type.String()),
  /** The energy register in the event. */
  meterWh: Type.Optional(Type.Number()),
})

export function readTransactionEvent(
  message: InboundRequest<'2.0.1', 'TransactionEvent'> | InboundRequest<'2.1', 'TransactionEvent'>,
) {
  const transactionId = text(message.transactionInfo.transactionId, 100)
  const seqNo = count(message.seqNo, greatestInteger)
  if (transactionId === undefined || seqNo === undefined) return undefined
  const place =
    message.evse === undefined ? {} : placeOfEvse(message.evse.id, message.evse.connectorId)
  const token = text(message.idToken?.idToken)
  const tokenType = text(message.idToken?.type, 50)
  const remoteStartId = whole(message.transactionInfo.remoteStartId)
  const at = readTimestamp(message.timestamp)
  return {
    numbering: 'theirs' as const,
    transactionId,
    seqNo,
    ...place,
    ...(token === undefined ? {} : { token }),
    ...(tokenType === undefined ? {} : { tokenType }),
    ...(remoteStartId === undefined ? {} : { remoteStartId }),
    ...(at === undefined ? {} : { at }),
  }
}
