import { Type } from 'typebox'
import { jsonText } from '../../ocpp/json-text.ts'
import { text } from '../read.ts'
import { signal } from '../signal.ts'

export const dataTransferred = signal({
  kind: 'data.transferred',
  title: 'A vendor’s own message',
  meaning: Type.Object({
    vendor: Type.String(),
    message: Type.Optional(Type.String()),
    /** As text, cut to 2 kB. */
    data: Type.Optional(Type.String()),
  }),
  says: {
    '1.6': { DataTransfer: read },
    '2.0.1': { DataTransfer: read },
    '2.1': { DataTransfer: read },
  },
})

function read(transfer: { vendorId: string; messageId?: string; data?: unknown }) {
  const vendor = text(transfer.vendorId)
  if (vendor === undefined) return []
  const message = text(transfer.messageId, 100)
  const data = text(
    typeof transfer.data === 'object' ? jsonText(transfer.data) : transfer.data,
    2000,
  )
  return [
    {
      vendor,
      ...(message === undefined ? {} : { message }),
      ...(data === undefined ? {} : { data }),
    },
  ]
}
