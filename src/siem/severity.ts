import type { AuditEvent } from '../audit/audit.ts'
import { resultOf } from '../audit/result.ts'

/** How much an entry should trouble whoever watches, the least first. */
export const severities = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** Whoever changes these changes who may do what, or what can be proved of it. */
const governing =
  /^(policy|role|binding|team|token|person|invitation|password|factor|passkey|recovery-codes|break-glass)\.|^audit\.erased$/
const alarming =
  /^(incident|alert)\.(raised|opened)$|^audit\.(rolled-back|key-replaced|chain-folded)$/

/** How much an entry should trouble whoever watches. */
export function severityOf(entry: Pick<AuditEvent, 'event' | 'detail'>): Severity {
  if (alarming.test(entry.event)) return 'critical'
  if (entry.event.startsWith('break-glass.')) return 'high'
  switch (resultOf(entry)) {
    case 'denied':
      return 'medium'
    case 'failed':
    case 'refused':
    case 'unknown':
      return 'low'
    case 'succeeded':
    case 'unverified':
    case 'going-on':
      return governing.test(entry.event) ? 'medium' : 'informational'
  }
}
