import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { World } from '../world.ts'
import type { Schemas, Server } from './server.ts'

const attempts = 4

/**
 * Submits once, however often the line breaks: every attempt carries the same idempotency key. Where
 * even the last answer is lost it is not known whether the command was taken, and the Failure says so.
 */
export async function submit(
  server: Server,
  submission: Schemas['Submission'],
  givenKey: string | undefined,
  { interrupted }: Pick<World, 'interrupted'>,
  betweenMs = 500,
): Promise<Schemas['Command']> {
  const idempotencyKey = givenKey ?? `otactl-${randomUUID()}`
  const body = { ...submission, idempotencyKey }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await server.ask(server.api.POST('/api/v1/commands', { body }))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // Without a problem document nobody says what became of the request.
      const unclear = error.problem === undefined && refusedOutright(error) === false
      const again = error.exitCode === exitCodes.unreachable && !refusedOutright(error)
      if (interrupted.aborted) throw unclear ? unknown(error, idempotencyKey) : error
      if (!again || attempt === attempts)
        throw again && unclear ? unknown(error, idempotencyKey) : error
      await pause(betweenMs * attempt, undefined, { signal: interrupted }).catch(() => undefined)
    }
  }
}

/** No connection was made, so nothing was submitted. */
function refusedOutright({ cause, code }: Failure): boolean {
  if (code !== 'unreachable') return code === 'not-ota-control'
  for (let at: unknown = cause; at instanceof Error; at = at.cause)
    if ('code' in at && ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(at.code)))
      return true
  return false
}

function unknown(error: Failure, key: string): Failure {
  return new Failure(
    error.exitCode,
    error.code,
    `${error.message}; whether the command was submitted is not known`,
    {
      hint: `The same call with --idempotency-key ${key} submits it if it was not, and never twice.`,
      cause: error,
    },
  )
}
