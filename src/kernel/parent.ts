/**
 * How a process learns that it should end: a signal, or the death of the launcher that started it
 * (`bin/launch.mjs`), to which an IPC channel ties it. A channel closes however its other end died.
 */

export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent-gone'

/** Runs `run` once when the launcher dies. Does nothing in a process that no launcher started. */
export function onParentGone(run: () => void): void {
  if (process.channel === undefined || process.channel === null) return
  process.once('disconnect', run)
  process.channel.unref()
}

/** Ctrl-C in a terminal reaches a process up to three times: from the terminal, npm and the launcher. */
const sameRequestMs = 1_000

/**
 * Calls `stop` once, when first asked to end. Asked again after a moment, calls `force`: the person
 * does not want to wait. Signals that come within a second of the first are the same request.
 */
export function onStopRequested(
  stop: (reason: StopReason) => void,
  force: (reason: StopReason) => void = () => process.exit(1),
): void {
  let firstAt: number | undefined
  function asked(reason: StopReason): void {
    if (firstAt === undefined) {
      firstAt = performance.now()
      stop(reason)
    } else if (performance.now() - firstAt >= sameRequestMs && reason !== 'parent-gone') {
      force(reason)
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => asked(signal))
  }
  onParentGone(() => asked('parent-gone'))
}
