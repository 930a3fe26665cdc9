import { Type } from 'typebox'
import type { InboundRequest } from '../../ocpp/versions.ts'
import { text } from '../read.ts'
import { signal } from '../signal.ts'

export const tokenPresented = signal({
  kind: 'token.presented',
  title: 'Somebody asks to charge',
  meaning: Type.Object({
    token: Type.String(),
    /** OCPP 2.x IdTokenEnumType, e.g. `ISO14443`. */
    tokenType: Type.Optional(Type.String()),
  }),
  says: {
    '1.6': { Authorize: (message) => read(message.idTag, undefined) },
    '2.0.1': { Authorize: readAuthorize2 },
    '2.1': { Authorize: readAuthorize2 },
  },
})

function readAuthorize2(
  message: InboundRequest<'2.0.1', 'Authorize'> | InboundRequest<'2.1', 'Authorize'>,
) {
  return read(message.idToken.idToken, message.idToken.type)
}

function read(idToken: unknown, type: unknown) {
  const token = text(idToken)
  if (token === undefined) return []
  const tokenType = text(type, 50)
  return [tokenType === undefined ? { token } : { token, tokenType }]
}
