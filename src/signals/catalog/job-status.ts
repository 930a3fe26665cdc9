import { Type } from 'typebox'
import { text, whole } from '../read.ts'

/** How far a job goes that the charger was given; `requestId` ties it to the order where there is one. */
export const jobStatusSchema = Type.Object({
  status: Type.String(),
  requestId: Type.Optional(Type.Integer()),
})

export function readJobStatus(message: { status: string; requestId?: number }) {
  const status = text(message.status, 50)
  if (status === undefined) return []
  const requestId = whole(message.requestId)
  return [requestId === undefined ? { status } : { status, requestId }]
}
