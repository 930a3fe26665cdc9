import { exitCodeOfProblem, exitCodes, type ExitCode } from './exit-codes.ts'
import { reasonLines } from './reasons.ts'
import type { components } from './api-types.gen.ts'

export type Problem = components['schemas']['Problem']

/** Why otactl cannot do what was asked, in words for the person who asked, and the exit code that says so. */
export class Failure extends Error {
  readonly exitCode: ExitCode
  /** Stable; the server's problem code, or one of our own. */
  readonly code: string
  /** What to do about it. */
  readonly hint?: string
  readonly problem?: Problem

  constructor(
    exitCode: ExitCode,
    code: string,
    message: string,
    more: { hint?: string; problem?: Problem; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'Failure'
    this.exitCode = exitCode
    this.code = code
    if (more.hint !== undefined) this.hint = more.hint
    if (more.problem !== undefined) this.problem = more.problem
  }

  /** What `--json` prints on stderr: the server's problem as it came, or ours in the same form. */
  toJSON(): Record<string, unknown> {
    const own = { code: this.code, title: titles[this.exitCode], detail: this.message }
    return {
      ...(this.problem ?? own),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      exitCode: this.exitCode,
    }
  }
}

const titles: Readonly<Record<ExitCode, string>> = {
  [exitCodes.succeeded]: 'Done',
  [exitCodes.unexpected]: 'Something unexpected failed',
  [exitCodes.usage]: 'Wrong usage',
  [exitCodes.notDone]: 'It was not done',
  [exitCodes.unverified]: 'It is not known whether it was done',
  [exitCodes.forbidden]: 'A valid token or session is needed',
  [exitCodes.unreachable]: 'The server cannot be reached',
  [exitCodes.notFound]: 'There is no such thing',
  [exitCodes.timedOut]: 'Waited long enough',
  [exitCodes.interrupted]: 'Interrupted',
  [exitCodes.terminated]: 'Terminated',
}

/** A mistake in how otactl was called. */
export function usage(message: string, hint?: string): Failure {
  return new Failure(exitCodes.usage, 'usage', message, hint === undefined ? {} : { hint })
}

const hints: Readonly<Record<string, string>> = {
  'not-authenticated':
    'Sign in with otactl sign-in. A robot gives its token with OTA_TOKEN; on the machine of the server, OTA_DATA_DIR names the data folder.',
  'sign-in-failed':
    'Begin again with otactl sign-in; a code of an app works once, and for about a minute.',
  'step-up-needed': 'Show a second factor with otactl step-up, then do the same again.',
  'enrolment-needed': 'Use the one-time link: otactl enrol <link>.',
  'too-many-attempts': 'Wait a minute before the next attempt.',
  'approval-needed': 'Ask for it: the same call with --request-approval.',
  'not-ready': 'It is starting or stopping; try again in a few seconds.',
  overloaded: 'Try again in a few seconds.',
  'idempotency-conflict': 'Use a new --idempotency-key for a new intent.',
}

/** How a stream ends that only an interruption ends: with its exit code and without a word. */
export function streamEnd({ reason }: AbortSignal): unknown {
  return reason instanceof Failure ? new Failure(reason.exitCode, reason.code, '') : reason
}

function hintOf({ code, reasons = [] }: Problem): string | undefined {
  const hint = hints[code]
  if (reasons.length === 0) return hint
  const said = ['What the policy says:', ...reasonLines(reasons)]
  return [...said, ...(hint === undefined ? [] : [hint])].join('\n')
}

/** A problem the server answered. */
export function refusal(problem: Problem): Failure {
  const { status, code, detail, field } = problem
  const hint = hintOf(problem)
  // What is not there is named by the sentence already.
  const clear = field === undefined || detail.includes(field) || status === 404
  const named = clear ? detail : `${field}: ${detail}`
  return new Failure(exitCodeOfProblem(status, code), code, named, {
    problem,
    ...(hint === undefined ? {} : { hint }),
  })
}
