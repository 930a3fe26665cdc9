import { visible } from './terminal/text.ts'

/** What one rule of the policy said. */
export interface Reason {
  readonly rule: string
  readonly says: string
  readonly sentence: string
  readonly until?: string
}

/** What spoke against it first, then what is needed, then the rest; a line each. */
export function reasonLines(reasons: readonly Reason[]): string[] {
  const order = ['denies', 'requires', 'allows', 'notes']
  return reasons
    .toSorted((one, other) => order.indexOf(one.says) - order.indexOf(other.says))
    .map(({ rule, says, sentence, until }) =>
      visible(`  ${says} (${rule}): ${sentence}${until === undefined ? '' : ` Until ${until}.`}`),
    )
}
