/** One message of a stream of server-sent events. */
export interface Message {
  readonly id?: string
  readonly event: string
  readonly data: string
}

/**
 * Reads the text of server-sent events as it comes, in pieces of any size
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 */
export function messageReader(): (piece: string) => Message[] {
  let rest = ''
  let id: string | undefined
  let event = ''
  let data: string[] = []

  function take(line: string, messages: Message[]): void {
    if (line === '') {
      if (data.length > 0)
        messages.push({
          ...(id === undefined ? {} : { id }),
          event: event === '' ? 'message' : event,
          data: data.join('\n'),
        })
      event = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  return (piece) => {
    const messages: Message[] = []
    const text = rest + piece
    // A CR at the very end may be the first half of a CRLF.
    const lines = text.split(text.endsWith('\r') ? /\r\n|\n|\r(?!$)/ : /\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    for (const line of lines) take(line, messages)
    return messages
  }
}
