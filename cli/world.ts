import type { ExitCode } from './exit-codes.ts'
import type { Writer } from './terminal/output.ts'

/** What otactl needs of the process around it; `main.ts` makes the real one. */
export interface World {
  readonly out: Writer
  readonly err: Writer
  readonly input: Input
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** ms since the epoch. */
  now(): number
  /** Aborted by Ctrl-C and SIGTERM, its reason being the `Failure` to end with. */
  readonly interrupted: AbortSignal
  /** Aborted when nobody reads stdout any more, e.g. behind `| head`. */
  readonly readerGone: AbortSignal
  /** The exit code to end with when nothing fails on the way; 0 without it. */
  conclude(code: ExitCode): void
}

export interface Input {
  readonly isTerminal: boolean
  /** Everything there is on stdin. */
  read(): Promise<Buffer>
  /** Asks the person at the terminal; the empty text where they ended the input instead. */
  ask(question: string, signal: AbortSignal): Promise<string>
  /** The same without showing what is typed. */
  askSecret(question: string, signal: AbortSignal): Promise<string>
}
