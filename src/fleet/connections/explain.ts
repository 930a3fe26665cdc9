/** Why a connection ended, said for people. Reasons are the gateway's `CloseReason`s. */
export function explainEnd(reason: string | null, detail: string | null): string | null {
  if (reason === null) return null
  const said = (detail ?? '').trim()
  const explain = explanations[reason]
  return explain === undefined ? because(`It ended as ${reason}`, said) : explain(said)
}

function because(sentence: string, detail: string): string {
  return detail === '' ? `${sentence}.` : `${sentence}: ${detail}.`
}

const broke = 'the connection broke'

const explanations: Readonly<Record<string, (detail: string) => string>> = {
  'charger-closed': (detail) => because('The charger closed it', detail),
  'network-lost': (detail) =>
    detail === '' || detail === broke
      ? 'It broke without a goodbye: the charger lost power or network, or something on the way cut it.'
      : because('It was lost', detail),
  silent: (detail) => because('We gave it up, because the charger was silent for too long', detail),
  displaced: (detail) =>
    detail.includes('still answering')
      ? 'A newer connection took over while this one still answered: two devices may share the identity.'
      : 'The charger connected anew; this connection was dead already.',
  'protocol-error': (detail) =>
    because('We closed it, because what came was no OCPP over WebSocket', detail),
  'frame-too-large': (detail) =>
    because('We closed it, because a message was longer than we take', detail),
  'invalid-utf8': (detail) =>
    because('We closed it, because a message was no valid UTF-8 text', detail),
  'no-common-protocol': () =>
    'We closed it, because the charger offered no OCPP version that is spoken here.',
  flooding: (detail) => because('We closed it, because the charger sent far too much', detail),
  'not-reading': () =>
    'We cut it, because the charger read nothing of what it was sent: its network or software hangs.',
  operator: (detail) => because('It was closed on our side', detail),
  shutdown: () => 'Our gateway was stopped; the charger connects again by itself.',
}
