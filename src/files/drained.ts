import type { Writable } from 'node:stream'

/** Waits until a stream takes more. Fails when it is closed instead. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    function end(settle: () => void): void {
      stream.off('drain', onDrain).off('close', onClose)
      settle()
    }
    const onDrain = (): void => end(resolve)
    const onClose = (): void => end(() => reject(new Error('the connection broke')))
    if (stream.destroyed) return onClose()
    stream.on('drain', onDrain).on('close', onClose)
  })
}
