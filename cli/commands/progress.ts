import { SingleBar } from 'cli-progress'
import type { Session } from '../session.ts'
import { countsText, transitionLine, type CommandDetail } from './command-view.ts'

export interface Progress {
  update(command: CommandDetail): void
  /** Something else worth knowing meanwhile. */
  aside(text: string): void
  end(): void
}

/** Says how a command goes on while it is waited for, in the way that suits who listens. */
export function progressOf(session: Session, json: 'document' | 'stream'): Progress {
  const { out, world } = session
  const aside = (text: string): void => out.note(text)
  const silent: Progress = { update: () => undefined, aside, end: () => undefined }
  if (out.json) return json === 'stream' ? summaries(session) : silent
  if (out.quiet) return silent
  let chosen: Progress | undefined
  return {
    update(command) {
      chosen ??=
        command.total === 1
          ? transitions(session)
          : world.err.isTerminal
            ? bar(session)
            : lines(session)
      chosen.update(command)
    },
    aside: (text) => (chosen ?? silent).aside(text),
    end: () => chosen?.end(),
  }
}

/** Each transition as it comes. */
function transitions({ out }: Session): Progress {
  let seen = 0
  let doubted = false
  return {
    update({ history, state, settled }) {
      for (const entry of history) {
        if (entry.sequence <= seen) continue
        seen = entry.sequence
        out.say(transitionLine(entry, out.paint, false))
      }
      if (state === 'unknown' && !settled && !doubted)
        out.note('A late answer and the effect are still looked for; Ctrl-C ends the wait.')
      doubted ||= state === 'unknown'
    },
    aside: (text) => out.note(text),
    end: () => undefined,
  }
}

/** A line of JSON whenever the counts have changed. */
function summaries({ out }: Session): Progress {
  let before = ''
  return {
    update({ targets, history, ...summary }) {
      void targets
      void history
      const now = JSON.stringify(summary)
      if (now === before) return
      before = now
      out.streamed(summary, () => '')
    },
    aside: (text) => out.note(text),
    end: () => undefined,
  }
}

/** For logs: a line when the counts have changed, and not more often than every few seconds. */
function lines({ out, world }: Session): Progress {
  const everyMs = 5_000
  let before = ''
  let saidAt = Number.NEGATIVE_INFINITY
  return {
    update({ counts, total, settled }) {
      const text = `${endedOf(counts)} of ${total} ended: ${countsText(counts)}`
      const due = world.now() - saidAt >= everyMs
      if (text === before || !due || settled) return
      before = text
      saidAt = world.now()
      out.note(text)
    },
    aside: (text) => out.note(text),
    end: () => undefined,
  }
}

function bar({ world, out }: Session): Progress {
  const drawn = new SingleBar({
    format: '{bar} {value}/{total}  {counts}',
    stream: process.stderr,
    barsize: Math.max(10, Math.min(30, world.err.columns() - 60)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    gracefulExit: false,
  })
  let started = false
  return {
    update({ counts, total }) {
      const payload = { counts: countsText(counts) }
      const ended = endedOf(counts)
      if (started) drawn.update(ended, payload)
      else drawn.start(total, ended, payload)
      started = true
    },
    aside(text) {
      // Over the bar, which is drawn again below with the next change.
      world.err.write('\r\u001b[K')
      out.note(text)
    },
    end() {
      if (started) drawn.stop()
    },
  }
}

/** An unknown one may still be reconciled while its effect is looked for. */
const underWay = new Set(['submitted', 'queued', 'sending', 'sent', 'accepted', 'unknown'])

/** How many targets are in an end state. */
export function endedOf(counts: Readonly<Record<string, number | undefined>>): number {
  return Object.entries(counts)
    .filter(([state]) => !underWay.has(state))
    .reduce((sum, [, count]) => sum + (count ?? 0), 0)
}
