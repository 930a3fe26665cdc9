import { ProblemError } from './problem.ts'

const longestReason = 500

/** Why somebody does something, as the audit record keeps it. */
export function checkReason(value: string): string {
  const reason = value.trim()
  if (reason === '') throw new ProblemError('invalid-input', 'must not be blank', 'reason')
  if ([...reason].length > longestReason || !reason.isWellFormed() || /\p{Cc}/u.test(reason))
    throw new ProblemError(
      'invalid-input',
      `must be one line of at most ${longestReason} characters`,
      'reason',
    )
  return reason
}
