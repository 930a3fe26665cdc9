/** What an exit code of otactl means. Scripts rely on these numbers: they never change their meaning. */
export const exitCodes = {
  succeeded: 0,
  unexpected: 1,
  usage: 2,
  notDone: 3,
  unverified: 4,
  forbidden: 5,
  unreachable: 6,
  notFound: 7,
  timedOut: 8,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const exitCodeMeanings: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: exitCodes.succeeded, meaning: 'Everything asked for succeeded; the effect was seen' },
  { code: exitCodes.unexpected, meaning: 'Something unexpected failed, here or in the server' },
  {
    code: exitCodes.usage,
    meaning: 'Wrong usage, or the server did not accept a value; nothing was changed',
  },
  {
    code: exitCodes.notDone,
    meaning:
      'On at least one charger it was refused, unsupported, failed, expired, cancelled or superseded; the audit record is broken; it was too late to cancel',
  },
  {
    code: exitCodes.unverified,
    meaning:
      'None of those, but on at least one charger nobody can tell whether it worked: accepted-unverified or unknown',
  },
  {
    code: exitCodes.forbidden,
    meaning: 'Not signed in, no token, or what was shown is not accepted or not enough',
  },
  { code: exitCodes.unreachable, meaning: 'The server cannot be reached or is not ready' },
  { code: exitCodes.notFound, meaning: 'There is no such charger, command, group or token' },
  { code: exitCodes.timedOut, meaning: 'Waited as long as --timeout said; the command goes on' },
  { code: exitCodes.interrupted, meaning: 'Interrupted with Ctrl-C; a command submitted goes on' },
  { code: exitCodes.terminated, meaning: 'Ended by SIGTERM; a command submitted goes on' },
]

/** The exit code for a problem the server answered. */
export function exitCodeOfProblem(status: number, code: string | undefined): ExitCode {
  if (code === 'too-many-attempts') return exitCodes.forbidden
  if (code === 'too-late' || code === 'storage-full') return exitCodes.notDone
  switch (status) {
    case 401:
    case 403:
      return exitCodes.forbidden
    case 404:
      return exitCodes.notFound
    case 429:
    case 502:
    case 503:
    case 504:
      return exitCodes.unreachable
    default:
      return status >= 400 && status < 500 ? exitCodes.usage : exitCodes.unexpected
  }
}

/** How many targets are in each state, and how the reconciled ones turned out. */
export interface Tally {
  readonly counts: Readonly<Record<string, number | undefined>>
  readonly reconciled: Readonly<Record<string, number | undefined>>
}

const notDone = ['refused', 'unsupported', 'failed', 'expired', 'cancelled', 'superseded']

/** The exit code of a settled command: the worst of its targets decides. */
export function exitCodeOfTally({ counts, reconciled }: Tally): ExitCode {
  const has = (of: Tally['counts'], states: readonly string[]): boolean =>
    states.some((state) => (of[state] ?? 0) > 0)
  if (has(counts, notDone) || has(reconciled, ['refused', 'failed'])) return exitCodes.notDone
  const outcomes = Object.values(reconciled).reduce<number>((sum, one) => sum + (one ?? 0), 0)
  const succeeded = (counts['succeeded'] ?? 0) + (reconciled['succeeded'] ?? 0)
  const reconciledUnknown = (counts['reconciled'] ?? 0) > outcomes
  const all = Object.values(counts).reduce<number>((sum, one) => sum + (one ?? 0), 0)
  return reconciledUnknown || succeeded < all ? exitCodes.unverified : exitCodes.succeeded
}
