import { Command } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { session } from '../session.ts'
import { fields } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment } from '../terminal/time.ts'
import type { Server } from '../wire/server.ts'
import type { World } from '../world.ts'

/** What the health plane says; null where it cannot be asked from here. */
interface Readiness {
  readonly ready: boolean
  readonly detail: unknown
}

export function statusCommand(world: World) {
  return new Command('status')
    .description('Say whether the server is ready, what it is and where it listens.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const system = await server.ask(server.api.GET('/api/v1/system'))
      const readiness = await askReadiness(server, system.listeners['health'])
      const ready = readiness?.ready ?? null
      out.show(
        { ...system, ready, readiness: readiness?.detail ?? null },
        () => {
          const word =
            ready === null
              ? out.paint('warn', 'answers; its health address cannot be reached from here')
              : ready
                ? out.paint('good', 'ready')
                : out.paint('bad', 'not ready')
          const facts: [string, string][] = [
            ['Server', `${server.url.origin} ${word}`],
            ['Version', `${visible(system.version)} on Node ${visible(system.nodeVersion)}`],
            ['Roles', visible(system.roles.join(', '))],
            ['Started', moment(system.startedAt, server.now())],
            ...Object.entries(system.listeners).map(([plane, address]): [string, string] => [
              `${plane.slice(0, 1).toUpperCase()}${visible(plane.slice(1))} at`,
              visible(address),
            ]),
          ]
          const checks = ready === false ? `\n\n${visible(JSON.stringify(readiness?.detail))}` : ''
          return `${fields(facts, out.paint)}${checks}`
        },
        () => (ready === false ? 'not ready' : 'ready'),
      )
      if (ready === false) world.conclude(exitCodes.unreachable)
    })
}

const healthTimeoutMs = 2_000

/** Asks the health plane, which is often open to this machine only. It gets no token. */
async function askReadiness(
  { url }: Server,
  address: string | undefined,
): Promise<Readiness | undefined> {
  if (address === undefined) return undefined
  const host = address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, url.hostname)
  try {
    const response = await fetch(`http://${host}/readyz`, {
      signal: AbortSignal.timeout(healthTimeoutMs),
    })
    const text = await response.text()
    return { ready: response.ok, detail: parsed(text) }
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
