import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { length } from '../terminal/time.ts'
import type { World } from '../world.ts'
import { listen } from './events.ts'
import type { Schemas, Server } from './server.ts'

type CommandDetail = Schemas['CommandDetail']

export interface FollowOptions {
  readonly server: Server
  readonly world: Pick<World, 'interrupted' | 'now'>
  readonly id: string
  /** How long to wait for the end; without it as long as it takes. */
  readonly timeoutMs?: number | undefined
  readonly onChange: (command: CommandDetail) => void
  /** The server cannot be asked just now, or can again (undefined). */
  readonly onTrouble: (because: string | undefined) => void
  readonly rhythm?: Rhythm
}

export interface Rhythm {
  /** Between two looks while events tell when to look; and while they do not. */
  readonly listeningMs: number
  readonly pollingMs: number
  /** Between two looks at least, for a command on one charger and on many. */
  readonly leastMs: number
  readonly leastBulkMs: number
  /** How long the server may be away before the wait is given up. */
  readonly giveUpMs: number
}
const ordinary: Rhythm = {
  listeningMs: 5_000,
  pollingMs: 1_000,
  leastMs: 50,
  leastBulkMs: 1_000,
  giveUpMs: 120_000,
}

/**
 * Follows a command until it is settled. Events say when to look, and looking says what is true, so
 * that nothing is missed where events are lost or cannot be had. Ends with a Failure when it is
 * interrupted, when the time is over, or when the server stays away; the command goes on then.
 */
export async function follow(options: FollowOptions): Promise<CommandDetail> {
  const { server, world, id, timeoutMs, onChange, onTrouble, rhythm = ordinary } = options
  const { interrupted } = world
  const until = timeoutMs === undefined ? Number.POSITIVE_INFINITY : world.now() + timeoutMs
  const bell = newBell()
  const end = new AbortController()
  const ears = { open: false }
  const hearing = hear(options, AbortSignal.any([interrupted, end.signal]), ears, bell)
  let awaySince: number | undefined
  let trouble: string | undefined
  try {
    for (;;) {
      bell.clear()
      const command = await look(server, id).catch((error: unknown) => {
        if (interrupted.aborted) throw goesOn(id, interrupted.reason)
        if (!(error instanceof Failure) || !isTrouble(error)) throw error
        awaySince ??= world.now()
        if (world.now() - awaySince > rhythm.giveUpMs) throw goesOn(id, error)
        if (error.message !== trouble) onTrouble(error.message)
        trouble = error.message
        return undefined
      })
      if (command !== undefined) {
        if (awaySince !== undefined) onTrouble(undefined)
        awaySince = undefined
        trouble = undefined
        onChange(command)
        if (command.settled) return command
      }
      const least = (command?.total ?? 2) > 1 ? rhythm.leastBulkMs : rhythm.leastMs
      const left = until - world.now()
      if (left <= 0) throw tooLong(id, timeoutMs ?? 0)
      const calm = ears.open && awaySince === undefined ? rhythm.listeningMs : rhythm.pollingMs
      await pause(Math.min(least, left), undefined, { signal: interrupted }).catch(() => undefined)
      await bell.wait(Math.min(calm, until - world.now()), interrupted)
      if (interrupted.aborted) throw goesOn(id, interrupted.reason)
    }
  } finally {
    end.abort()
    await hearing
  }
}

async function hear(
  { server, id }: FollowOptions,
  signal: AbortSignal,
  ears: { open: boolean },
  bell: Bell,
): Promise<void> {
  try {
    for await (const heard of listen(server, { command: [id] }, signal)) {
      ears.open = heard.kind !== 'lost'
      bell.ring()
    }
  } catch {
    // Looking goes on without events, and says what is wrong if that fails too.
    ears.open = false
    bell.ring()
  }
}

/** What the server may recover from. */
function isTrouble({ exitCode, problem }: Failure): boolean {
  return exitCode === exitCodes.unreachable || (problem !== undefined && problem.status >= 500)
}

function look({ ask, api }: Server, id: string): Promise<CommandDetail> {
  return ask(api.GET('/api/v1/commands/{id}', { params: { path: { id } } }))
}

interface Bell {
  ring(): void
  clear(): void
  /** Until it rings, or rang since it was cleared; at most so long. */
  wait(mostMs: number, signal: AbortSignal): Promise<void>
}

function newBell(): Bell {
  let rung = new AbortController()
  return {
    ring: () => rung.abort(),
    clear() {
      if (rung.signal.aborted) rung = new AbortController()
    },
    async wait(mostMs, signal) {
      const either = AbortSignal.any([rung.signal, signal])
      if (either.aborted || mostMs <= 0) return
      await pause(mostMs, undefined, { signal: either }).catch(() => undefined)
    },
  }
}

function tooLong(id: string, timeoutMs: number): Failure {
  return new Failure(
    exitCodes.timedOut,
    'timed-out',
    `command ${id} has not ended after ${length(timeoutMs)}; it goes on`,
    { hint: `Watch it with: otactl commands watch ${id}` },
  )
}

/** The wait ends here; the command does not. */
function goesOn(id: string, cause: unknown): Failure {
  const hint = `Watch it with: otactl commands watch ${id}\nWhat is not sent yet can be cancelled: otactl commands cancel ${id} --reason <text>`
  if (!(cause instanceof Failure)) throw cause
  return new Failure(cause.exitCode, cause.code, `${cause.message}; command ${id} goes on`, {
    hint,
    cause,
  })
}
