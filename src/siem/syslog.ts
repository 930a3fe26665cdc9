import type { Severity } from './severity.ts'

/** Facility 13, "log audit" (RFC 5424 6.2.1). */
const facility = 13
const grades: Readonly<Record<Severity, number>> = {
  informational: 6,
  low: 5,
  medium: 4,
  high: 3,
  critical: 2,
}

export interface SyslogMessage {
  readonly severity: Severity
  /** ms since the epoch. */
  readonly at: number
  readonly host: string
  readonly messageId: string
  readonly text: string
}

/** A syslog message (RFC 5424), framed by its length for a stream (RFC 6587 3.4.1, RFC 5425 4.3). */
export function syslogFrame(message: SyslogMessage): Buffer {
  const { severity, at, host, messageId, text } = message
  const priority = facility * 8 + grades[severity]
  const head = [
    `<${priority}>1`,
    new Date(at).toISOString(),
    name(host, 255),
    'ota-control',
    '-',
    name(messageId, 32),
    '-',
  ].join(' ')
  // The mark says that what follows is UTF-8 (RFC 5424 6.4).
  const body = Buffer.from(`${head} \uFEFF${text}`, 'utf8')
  return Buffer.concat([Buffer.from(`${body.length} `, 'ascii'), body])
}

/** Printable ASCII without spaces, or the sign for nothing. */
function name(text: string, most: number): string {
  const kept = text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, most)
  return kept === '' ? '-' : kept
}
