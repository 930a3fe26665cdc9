import { ProblemError } from '../kernel/problem.ts'

/** What people may write into this room, and how much. */

export const mostLists = 500
export const mostTokens = 50_000
/** In all lists together: every control node keeps them in memory. */
export const mostTokensTogether = 500_000
export const mostAssignments = 50_000
/** How many revisions back the changes of single tokens are known. */
export const keptRevisions = 200

export function refuse(detail: string, field: string): never {
  throw new ProblemError('invalid-input', detail, field)
}

/** Letters that need no escaping anywhere. */
export function checkListName(value: unknown, field = 'name'): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value))
    return refuse('must be 1 to 64 letters, digits, dots, dashes or underscores', field)
  return value
}

export function checkReason(value: unknown, field = 'reason'): string {
  return checkLine(value, field, 500)
}

/** One line of text that says something. */
export function checkLine(value: unknown, field: string, longest: number): string {
  const line = typeof value === 'string' ? value.trim() : ''
  if (line === '') return refuse('must not be blank', field)
  if ([...line].length > longest) return refuse(`is longer than ${longest} characters`, field)
  if (!line.isWellFormed() || /\p{Cc}/u.test(line))
    return refuse('must be one line without control characters', field)
  return line
}
