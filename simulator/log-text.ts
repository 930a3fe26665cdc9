import type { Body } from './speaker.ts'
import { statusOf } from './state.ts'

/** What a virtual charger has in its logs: a page a person can recognise. */
export function logText(body: Body, kind: string): string {
  const lines = body.state.evses.map((evse) => `evse ${evse.id}: ${statusOf(body.state, evse)}`)
  return [
    `${kind} of ${body.identity}, ${body.model}, firmware ${body.firmware}`,
    `written ${body.stamp()}`,
    ...lines,
    '',
  ].join('\n')
}
