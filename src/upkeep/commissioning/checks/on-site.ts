import type { ChargerFacts } from '../../../operations/facts.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { Wanted } from '../run.ts'
import type { Check, Scene } from './check.ts'
import { ask, commandOf, failed, fateText, passed, skipped, stillOpen, warning } from './check.ts'

const minute = 60_000
/** How long a file may take to arrive. */
const fileWithinMs = 15 * minute
/** How long a test session lasts before it is stopped. */
const sessionMs = 15_000

export const filePlane: Check = {
  name: 'file-plane',
  title: 'It reaches our file plane',
  look(scene) {
    if (scene.wanted.files !== true) return skipped('not wanted')
    const fetched = commandOf(scene, 0, fileWithinMs)
    if (fetched === undefined) return ask('diagnostics.fetch')
    if (fetched === 'open') return stillOpen(scene, fileWithinMs)
    if (fetched.worked) return passed('its diagnostics arrived')
    if (fetched.state === 'refused' || fetched.state === 'unsupported')
      return warning(
        `nothing could be fetched (${fateText(fetched)})`,
        'Try with a log: otactl run diagnostics.fetch, once it has something to tell.',
      )
    return failed(
      `nothing arrived (${fateText(fetched)})`,
      'Check that it can reach the address of the file plane, and which protocols it speaks.',
    )
  },
}

export const testSession: Check = {
  name: 'test-session',
  title: 'A session starts and stops',
  look(scene) {
    const { wanted, facts } = scene
    if (wanted.testSession === undefined) return skipped('not wanted: no token was given')
    const started = commandOf(scene, 0)
    if (started === undefined) return startOf(wanted.testSession, facts)
    if (started === 'open') return stillOpen(scene)
    if (!started.worked)
      return failed(
        `it did not start (${fateText(started)})`,
        'Look whether the token is accepted, and the cable plugged in at both ends.',
      )
    return ended(scene, isJsonObject(started.result) ? started.result : {})
  },
}

function startOf(
  { token, tokenType, evse }: NonNullable<Wanted['testSession']>,
  facts: ChargerFacts,
): ReturnType<Check['look']> {
  if (facts.maintenance !== undefined)
    return skipped(
      `it is under maintenance by ${facts.maintenance.by}`,
      'End the maintenance and commission it again.',
    )
  const plugged = facts.connectors.find(
    (one) =>
      one.evse > 0 &&
      (evse === undefined || one.evse === evse) &&
      (one.status === 'Preparing' || one.status === 'Occupied'),
  )
  if (plugged === undefined)
    return skipped('no cable is plugged in', 'Plug one in and commission it again.')
  return ask('session.start', {
    token,
    evse: plugged.evse,
    ...(tokenType === undefined ? {} : { tokenType }),
  })
}

function ended(scene: Scene, result: JsonObject): ReturnType<Check['look']> {
  const { facts, now } = scene
  const transactionId = typeof result.transactionId === 'string' ? result.transactionId : ''
  const stopped = commandOf(scene, 1)
  const session = facts.sessions.find((one) => one.id === result.session)
  if (stopped === undefined) {
    const until = (session?.startReceivedAt ?? 0) + sessionMs
    return now < until ? { until } : ask('session.stop', { transactionId })
  }
  if (stopped === 'open') return stillOpen(scene)
  if (stopped.worked) return passed(`transaction ${transactionId} started and stopped`)
  if (session?.endedAt !== undefined)
    return warning(
      `it started, and ended by itself (${session.stopReason ?? 'no reason told'})`,
      'Test again with a car that charges.',
    )
  return failed(
    `it started, and does not stop (${fateText(stopped)})`,
    'Stop it at the charger, and see its model page for remote stops.',
  )
}
