import { isIPv6 } from 'node:net'
import type { AuditEntry } from '../audit/audit.ts'
import { erased } from '../audit/opened.ts'
import { resultOf } from '../audit/result.ts'
import { canonicalJson } from '../kernel/json.ts'
import { affectedBy } from './affected.ts'
import { messageOf } from './ocsf.ts'
import { severityOf, type Severity } from './severity.ts'

/** CEF's 0 to 10. */
const grades: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 3,
  medium: 5,
  high: 7,
  critical: 10,
}
/** What ArcSight's dictionary allows of a custom string. */
const longest = 4000

/** An entry of the record in the Common Event Format (version 0). */
export function cefEvent(entry: AuditEntry, product: { readonly version: string }): string {
  const header = [
    'CEF:0',
    'OTA control',
    'OTA control',
    product.version,
    entry.event,
    messageOf(entry),
    String(grades[severityOf(entry)]),
  ]
  const affected = affectedBy(entry)
  const extension: readonly (readonly [string, string | undefined])[] = [
    ['rt', String(entry.at)],
    ['externalId', String(entry.sequence)],
    ['suid', entry.actor.id],
    ['suser', entry.actor.name],
    ['spriv', entry.actor.kind],
    ...sourceOf(entry),
    ['requestClientApplication', entry.origin.face],
    ['outcome', resultOf(entry)],
    ['reason', entry.reason],
    ['duid', entry.charger ?? affected?.id],
    ['duser', affected?.name],
    ...custom(1, 'command', entry.command),
    ...custom(2, 'dispatch', entry.dispatch),
    ...custom(3, 'requestId', entry.origin.requestId),
    ...custom(4, 'detail', cut(canonicalJson(entry.detail))),
    ...custom(5, 'hash', entry.hash),
  ]
  const members = extension.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${extensionText(value)}`],
  )
  return `${header.map(headerText).join('|')}|${members.join(' ')}`
}

function custom(place: number, label: string, value: string | undefined) {
  if (value === undefined) return []
  return [[`cs${place}Label`, label] as const, [`cs${place}`, value] as const]
}

/** `src` takes an IPv4 address only; IPv6 has places of its own, of which the second is for the source. */
function sourceOf({ origin: { address } }: AuditEntry): (readonly [string, string])[] {
  if (address === undefined || address === erased) return []
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return isIPv6(plain)
    ? [
        ['c6a2Label', 'Source IPv6 Address'],
        ['c6a2', plain],
      ]
    : [['src', plain]]
}

function headerText(text: string): string {
  return text.replaceAll(/[\\|]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ')
}

function extensionText(text: string): string {
  return text.replaceAll(/[\\=]/g, '\\$&').replaceAll(/\r\n|\r|\n/g, '\\n')
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`
}
