import type { NeededApprovals } from '../policy/decision.ts'

export interface Approver {
  readonly id: string
  /** Roles by which the approval counts. */
  readonly roles: readonly string[]
}

/** E.g. `2 of approver or owner are missing`. */
export function missingWords(missing: readonly NeededApprovals[]): string {
  const words = missing.map(({ count, roles }) => `${count} of ${roles.join(' or ')}`)
  const one = missing.length === 1 && missing[0]!.count === 1
  return `${words.join(', and ')} ${one ? 'is' : 'are'} missing`
}

/**
 * What is still missing when each approver fills one place at most. Approvers are placed so that as many
 * places as possible are filled: somebody with two roles counts where they are needed.
 */
export function missingOf(
  needs: readonly NeededApprovals[],
  approvers: readonly Approver[],
): NeededApprovals[] {
  const places = needs.flatMap((need, index) =>
    Array.from({ length: need.count }, () => ({ need, index })),
  )
  const filledBy = new Array<number | undefined>(places.length).fill(undefined)

  function place(approver: number, tried: Set<number>): boolean {
    for (const [at, { need }] of places.entries()) {
      if (tried.has(at) || !need.roles.some((role) => approvers[approver]!.roles.includes(role)))
        continue
      tried.add(at)
      const holder = filledBy[at]
      if (holder === undefined || place(holder, tried)) {
        filledBy[at] = approver
        return true
      }
    }
    return false
  }
  for (const approver of approvers.keys()) place(approver, new Set())

  return needs
    .map((need, index) => ({
      ...need,
      count: places.filter((one, at) => one.index === index && filledBy[at] === undefined).length,
    }))
    .filter(({ count }) => count > 0)
}
