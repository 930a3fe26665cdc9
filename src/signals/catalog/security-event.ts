import { Type } from 'typebox'
import { text } from '../read.ts'
import { signal } from '../signal.ts'
import { readTimestamp } from '../timestamp.ts'

export const securityEvent = signal({
  kind: 'security.event',
  title: 'Something that matters to security happened at the charger',
  meaning: Type.Object({
    type: Type.String(),
    info: Type.Optional(Type.String()),
    at: Type.Optional(Type.Integer()),
  }),
  says: {
    '1.6': { SecurityEventNotification: read },
    '2.0.1': { SecurityEventNotification: read },
    '2.1': { SecurityEventNotification: read },
  },
})

function read(message: { type: string; timestamp: string; techInfo?: string }) {
  const type = text(message.type, 100)
  if (type === undefined) return []
  const info = text(message.techInfo)
  const at = readTimestamp(message.timestamp)
  return [{ type, ...(info === undefined ? {} : { info }), ...(at === undefined ? {} : { at }) }]
}
