import { systemContext } from '../kernel/actor.ts'
import { ProblemError } from '../kernel/problem.ts'

/** The robot of the data folders goes by this name. */
const robot = 'local'

/** Letters and figures alone: who reads a name does not see how it is spaced. */
function heard(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

const reserved = new Set([systemContext.actor.name, systemContext.actor.id, robot].map(heard))

/** Whether entries of the record under this name would pass for those of the product or of its own robot. */
export function isReserved(name: string): boolean {
  return reserved.has(heard(name))
}

/** Fails with `invalid-input` on the field where nobody else may go by this name. */
export function checkNotReserved(name: string, field: string): void {
  if (isReserved(name))
    throw new ProblemError('invalid-input', 'the product goes by this name itself', field)
}
