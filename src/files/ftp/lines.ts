/** Longer lines are no command of a charger: a path of 512 characters fits. */
const longestLine = 2_000

export interface Command {
  /** In capitals. */
  readonly verb: string
  readonly argument: string
}

/**
 * Cuts what comes on a control connection into commands (RFC 959 4.1.3). Undefined where a line is too
 * long to be one: what follows cannot be understood any more.
 */
export function commandReader(): (chunk: Buffer) => readonly Command[] | undefined {
  // One character a byte, so that a letter of several bytes may come in two chunks.
  let begun = ''
  return (chunk) => {
    const lines = (begun + chunk.toString('latin1').replace(telnet, '')).split('\n')
    begun = lines.pop() ?? ''
    if ([begun, ...lines].some((line) => line.length > longestLine)) return undefined
    return lines.map(commandOf)
  }
}

/** An ABOR may come with Telnet's "interrupt" and "data mark" before it (RFC 959 4.1.3). */
const telnet = /\xff[\xf0-\xfe]/g

function commandOf(line: string): Command {
  const text = Buffer.from(line, 'latin1').toString('utf8')
  const [, verb = '', argument = ''] = /^\s*([A-Za-z]{3,4})(?: (.*?))?\s*$/s.exec(text) ?? []
  return { verb: verb.toUpperCase(), argument }
}
