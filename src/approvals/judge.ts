import type { NeededApprovals } from '../policy/decision.ts'
import type { RequestDocument } from './document.ts'
import { after, isOpen, type Frame, type Standing } from './life.ts'
import {
  mayDecide,
  stillCounts,
  type Circumstances,
  type Deed,
  type Verdict,
  type Who,
} from './may-decide.ts'
import { missingOf, type Approver } from './tally.ts'

/** A request with all that was done to it. */
export interface RequestFile {
  readonly document: RequestDocument
  readonly digest: string
  readonly standing: Standing
  readonly approvals: readonly GivenApproval[]
}

export interface GivenApproval {
  readonly person: string
  /** What they approved. */
  readonly digest: string
}

export type Judged =
  | {
      readonly kind: 'refused'
      readonly why: 'too-late' | 'denied' | 'step-up' | 'done-before'
      readonly because: string
    }
  | {
      readonly kind: 'done'
      readonly standing: Standing
      /** The roles by which an approval counts. */
      readonly roles: readonly string[]
      readonly missing: readonly NeededApprovals[]
    }

/** What a deed makes of a request, or why it cannot be done. Pure: the same for a running system and a test. */
export function judge(
  deed: Deed,
  who: Who,
  file: RequestFile,
  circumstances: Circumstances,
): Judged {
  const { document, standing } = file
  const { now } = circumstances
  if (!isOpen(standing.state)) return tooLate(`it is ${standing.state}`)
  const verdict = mayDecide(deed, who, document, circumstances)
  if (!verdict.may) return { kind: 'refused', why: verdict.why, because: verdict.because }
  const frame = frameOf(document)
  if (deed !== 'approve') {
    if (deed === 'execute') {
      const missing = recount(file, circumstances).missing
      if (missing.length > 0) return tooLate('approvals are missing')
    }
    const next = after(deed, standing, frame, now)
    return 'refused' in next
      ? tooLate(next.refused)
      : { kind: 'done', standing: next, roles: verdict.roles, missing: [] }
  }
  const next = after('approve', standing, frame, now)
  if ('refused' in next) return tooLate(next.refused)
  const { counting } = recount(file, circumstances)
  const mine = { id: who.actor.id, roles: verdict.roles }
  const missing = missingOf(document.needs.approvals, [...counting, mine])
  return {
    kind: 'done',
    standing: missing.length === 0 ? next : standing,
    roles: verdict.roles,
    missing,
  }
}

/** Which of the approvals given count now, and what is missing beside them. */
export function recount(
  { document, digest, approvals }: Pick<RequestFile, 'document' | 'digest' | 'approvals'>,
  circumstances: Circumstances,
): {
  readonly counting: readonly Approver[]
  readonly lost: readonly { readonly person: string; readonly because: string }[]
  readonly missing: readonly NeededApprovals[]
} {
  const counting: Approver[] = []
  const lost: { person: string; because: string }[] = []
  for (const { person, digest: approved } of approvals) {
    const known = circumstances.people.get(person)
    const others = { ...circumstances, approvers: counting.map(({ id }) => id) }
    const verdict: Verdict =
      approved === digest
        ? stillCounts(known, document, others)
        : { may: false, why: 'denied', because: 'something else was approved' }
    if (verdict.may) counting.push({ id: person, roles: verdict.roles })
    else lost.push({ person, because: verdict.because })
  }
  const { needs } = document
  const missing = needs.bootstrap ? [] : missingOf(needs.approvals, counting)
  return { counting, lost, missing }
}

export function frameOf({ needs, executeWithinMs, notAfter }: RequestDocument): Frame {
  return { waitMs: needs.waitMs, executeWithinMs, notAfter }
}

function tooLate(because: string): Judged {
  return { kind: 'refused', why: 'too-late', because }
}
