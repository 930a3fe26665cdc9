import type { Checkpoint } from '../../proof/checkpoint.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import type { VerifierKey } from '../../proof/keys.ts'
import { isSigned } from '../../proof/note.ts'
import { isConsistent } from '../../proof/verify-proofs.ts'
import { parseWitnessRequest } from '../../proof/witness-request.ts'

/** What becomes of a request, by the rules of C2SP tlog-witness. */
export type Judgement =
  | { readonly do: 'cosign'; readonly checkpoint: Checkpoint; readonly note: string }
  | {
      readonly do: 'refuse'
      readonly status: 400 | 403 | 404 | 409 | 422
      readonly why: string
      /** Answered instead of the reason: what was cosigned last. */
      readonly size?: number
      readonly against?: Against
    }

/** A checkpoint that its log signed and that nothing shows to go on from the one that was cosigned. */
export interface Against {
  readonly origin: string
  readonly note: string
  /**
   * Both are of the same size with different roots: the log signed two histories. Where this does not hold
   * it may be the request that is wrong, and anybody can send that.
   */
  readonly fork: boolean
}

export interface Standing {
  /** The logs that are cosigned. */
  readonly logs: readonly VerifierKey[]
  /** What was cosigned last for the log of this name. */
  readonly last: (origin: string) => Checkpoint | undefined
}

export function judge(body: string, { logs, last }: Standing): Judgement {
  const request = parseWitnessRequest(body)
  const checkpoint = request === undefined ? undefined : parseCheckpoint(request.checkpoint)
  if (request === undefined || checkpoint === undefined)
    return refuse(400, 'this is not written as tlog-witness says')
  const { origin, size, root } = checkpoint
  const keys = logs.filter(({ name }) => name === origin)
  if (keys.length === 0) return refuse(404, `this witness does not know the log ${origin}`)
  if (!keys.some((key) => isSigned(checkpoint.note, key)))
    return refuse(403, `it carries no valid signature of ${origin}`)

  const { old, proof, checkpoint: note } = request
  const before = last(origin)
  const cosigned = before?.size ?? 0
  const conflict = (why: string) => ({ ...refuse(409, why), size: cosigned })
  if (old > size) return refuse(400, 'the old size is larger than that of the checkpoint')
  if (before !== undefined && size === cosigned && !before.root.equals(root))
    return {
      ...conflict(`another tree of ${size} entries was cosigned`),
      against: { origin, note, fork: true },
    }
  if (old !== cosigned) return conflict(`${cosigned} entries were cosigned last`)
  if (before === undefined ? proof.length > 0 : !goesOn(before, checkpoint, proof))
    return {
      ...refuse(422, `nothing proves that it begins with the ${cosigned} entries cosigned`),
      against: { origin, note, fork: false },
    }
  return { do: 'cosign', checkpoint, note }
}

function goesOn(before: Checkpoint, after: Checkpoint, proof: readonly Buffer[]): boolean {
  return isConsistent({
    older: before.size,
    olderRoot: before.root,
    newer: after.size,
    newerRoot: after.root,
    proof,
  })
}

function refuse(
  status: 400 | 403 | 404 | 409 | 422,
  why: string,
): Extract<Judgement, { do: 'refuse' }> {
  return { do: 'refuse', status, why }
}
