import { exitCodeOfTally, type ExitCode } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { follow } from '../wire/follow.ts'
import { gather } from '../wire/pages.ts'
import type { Server } from '../wire/server.ts'
import { targetColumns, verdict, type CommandDetail, type Target } from './command-view.ts'
import { progressOf } from './progress.ts'

export interface FollowingOptions {
  readonly timeoutMs?: number | undefined
  /** `document`: with --json one document at the end. `stream`: a line whenever something changes. */
  readonly json: 'document' | 'stream'
}

/** Follows a command, telling what becomes of it, and says with which exit code to end. */
export async function followAndTell(
  session: Session,
  id: string,
  { timeoutMs, json }: FollowingOptions,
): Promise<ExitCode> {
  const { server, world, out } = session
  const progress = progressOf(session, json)
  let last: CommandDetail | undefined
  let command: CommandDetail
  try {
    command = await follow({
      server,
      world,
      id,
      timeoutMs,
      onChange(changed) {
        last = changed
        progress.update(changed)
      },
      onTrouble: (because) =>
        progress.aside(
          because === undefined
            ? 'The server answers again.'
            : `${because}; the command goes on, trying again.`,
        ),
    })
  } catch (error) {
    // A script gets its document also where the wait was given up.
    if (json === 'document' && out.json && last !== undefined) out.show(last, () => '')
    throw error
  } finally {
    progress.end()
  }
  await tellEnd(session, command, json)
  return exitCodeOf(server, command)
}

async function tellEnd(
  { server, out }: Session,
  command: CommandDetail,
  json: FollowingOptions['json'],
): Promise<void> {
  if (out.json) {
    if (json === 'document')
      out.show({ ...command, targets: await allTargets(server, command) }, () => '')
    return
  }
  out.say(verdict(command, out, out.quiet))
  if (command.total === 1 || out.quiet) return
  const wanting = await unsuccessful(server, command)
  if (wanting.length > 0) {
    out.say(`\n${out.tabled(wanting, targetColumns(server.now()))}`)
    out.note(`All of them: otactl commands show ${command.id} --all`)
  }
}

const mostShown = 20

async function unsuccessful(server: Server, command: CommandDetail): Promise<readonly Target[]> {
  const states = (Object.keys(command.counts) as Target['state'][]).filter(
    (state) => state !== 'succeeded' && (command.counts[state] ?? 0) > 0,
  )
  const found: Target[] = []
  for (const state of states) {
    if (found.length >= mostShown) break
    const page = await gather({ limit: mostShown - found.length }, (query) =>
      server.ask(
        server.api.GET('/api/v1/commands/{id}/targets', {
          params: { path: { id: command.id }, query: { ...query, state } },
        }),
      ),
    )
    found.push(...page.items)
  }
  return found
}

/** Every target; the command's own answer holds the first only. */
export async function allTargets(
  server: Server,
  command: CommandDetail,
): Promise<readonly Target[]> {
  if (command.targets.length >= command.total) return command.targets
  const page = await gather({ all: true }, (query) =>
    server.ask(
      server.api.GET('/api/v1/commands/{id}/targets', {
        params: { path: { id: command.id }, query },
      }),
    ),
  )
  return page.items
}

/** What a settled command's targets say together. */
export async function exitCodeOf(server: Server, command: CommandDetail): Promise<ExitCode> {
  const reconciled: Record<string, number> = {}
  if ((command.counts.reconciled ?? 0) > 0)
    for (const { state, outcome } of await allTargets(server, command))
      if (state === 'reconciled' && outcome !== null)
        reconciled[outcome] = (reconciled[outcome] ?? 0) + 1
  return exitCodeOfTally({ counts: command.counts, reconciled })
}
