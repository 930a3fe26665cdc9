import type { Output } from '../terminal/output.ts'
import type { Tone } from '../terminal/paint.ts'
import { counted, cut, padded, visible, width } from '../terminal/text.ts'
import { clockTime, dateTime, length } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'

export type Frame = Schemas['TraceFrame']

/** One message on one line, and before it what is worth knowing between it and the one before. */
export function frameLines(frame: Frame, before: Frame | undefined, out: Output): string {
  const { paint } = out
  const lines: string[] = []
  if (before?.epoch !== frame.epoch)
    lines.push(paint('dim', `-- connection ${frame.epoch}, ${dateTime(frame.at)} --`))
  if (frame.missed > 0)
    lines.push(paint('warn', `.. ${counted(frame.missed, 'message')} could not be kept ..`))
  if (frame.type !== 'gap') lines.push(frameLine(frame, out))
  return lines.join('\n')
}

const types: Readonly<Record<Frame['type'], string>> = {
  call: 'CALL',
  result: 'RESULT',
  error: 'ERROR',
  'result-error': 'RESULTERROR',
  send: 'SEND',
  unreadable: 'UNREADABLE',
  gap: '',
}
const tones: Partial<Readonly<Record<Frame['type'], Tone>>> = {
  error: 'bad',
  'result-error': 'bad',
  unreadable: 'bad',
}
/** Of longer messages the server keeps the beginning. */
const keptCharacters = 4_000
const typeWidth = 6
const actionWidth = 20
const tookWidth = 7

/** `12:00:01.123 -> CALL   Reset                 0191a2b3          {"type":"Soft"}` */
function frameLine(frame: Frame, { paint, space }: Output): string {
  const { direction, type, action, roundTripMs, messageId, text, length: whole } = frame
  const took = roundTripMs === null ? '' : length(roundTripMs)
  const id = visible((messageId ?? '').slice(-8))
  const head = [
    clockTime(frame.at),
    direction === 'out' ? '->' : '<-',
    padded(types[type], typeWidth),
    padded(visible(action ?? '-'), actionWidth),
    padded(took, tookWidth, 'right'),
    padded(id, 8),
  ].join(' ')
  const rest = whole > keptCharacters ? ` (${whole} characters)` : ''
  const payload = visible(payloadOf(text)) + rest
  const room = space === undefined ? undefined : Math.max(10, space - width(head) - 2)
  const shown = room === undefined ? payload : cut(payload, room)
  return `${paint(tones[type] ?? (direction === 'out' ? 'busy' : 'plain'), head)}  ${shown}`.trimEnd()
}

const envelope = /^\s*\[\s*\d\s*,\s*"(?:[^"\\]|\\.)*"\s*,\s*(?:"(?:[^"\\]|\\.)*"\s*,\s*)?/

/** What stands behind type, id and action; of an error its code, too. */
function payloadOf(text: string): string {
  const match = envelope.exec(text)
  if (match === null) return text
  const isError = /^\s*\[\s*[45]\s*,/.test(text)
  const start = isError ? text.indexOf(',', text.indexOf(',') + 1) + 1 : match[0].length
  return text.slice(start).trim().replace(/\]$/, '')
}
