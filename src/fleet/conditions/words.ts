import type { JsonObject } from '../../kernel/json.ts'
import { clockWords, durationWords } from '../../operations/clock.ts'
import type { ConditionKind } from './condition.ts'

/** A condition said for people: what is seen, and what it may mean. */
export function conditionSentence(kind: ConditionKind, evidence: JsonObject): string {
  return sentences[kind](evidence)
}

/** That it is over. */
export function conditionOver(kind: ConditionKind, lastedMs: number): string {
  return `${titles[kind]} no more, after ${durationWords(Math.max(0, lastedMs))}.`
}

const titles: Readonly<Record<ConditionKind, string>> = {
  flapping: 'Flapping',
  silent: 'Silent',
  'one-way': 'One-way',
  'clock-wrong': 'Clock wrong',
  'boots-repeatedly': 'Boots repeatedly',
  'shared-identity': 'Shared identity',
}

const sentences: Readonly<Record<ConditionKind, (evidence: JsonObject) => string>> = {
  flapping: (evidence) => {
    const endings = listed(evidence['endings'])
    const ends = endings === '' ? '' : `; the connections before ended with ${endings}`
    return `It connected ${often(evidence)}${ends}.`
  },

  silent: ({ lastHeardAt, expectedWithinMs }) =>
    `Nothing has come since ${moment(lastHeardAt)}, though something is due every ` +
    `${duration(expectedWithinMs)} at least. The connection may be dead.`,

  'one-way': ({ unanswered, actions, onlyHeartbeats }) => {
    const what = Array.isArray(actions) && actions.length > 0 ? ` (${actions.join(', ')})` : ''
    const comes = onlyHeartbeats === true ? 'heartbeats still come' : 'messages still come'
    return `The last ${number(unanswered)} CALLs${what} were not answered, while ${comes}.`
  },

  'clock-wrong': ({ skewMs, toleratedMs }) =>
    `Its clock is ${clockWords(number(skewMs))}; ${duration(toleratedMs)} are tolerated.`,

  'boots-repeatedly': (evidence) => {
    const reasons = listed(evidence['reasons'])
    return `It started ${often(evidence)}${reasons === '' ? '' : `, giving ${reasons}`}.`
  },

  'shared-identity': (evidence) => {
    const { addresses } = evidence
    const from =
      Array.isArray(addresses) && addresses.length > 0 ? `, from ${addresses.join(' and ')}` : ''
    return (
      `A new connection took over ${often(evidence)} while the one before still answered${from}: ` +
      'two devices use this identity.'
    )
  },
}

function often({ times, withinMs }: JsonObject): string {
  const count = number(times)
  return `${count === 1 ? 'once' : `${count} times`} within ${duration(withinMs)}`
}

/** `network-lost (3), silent`. */
function listed(tally: unknown): string {
  if (typeof tally !== 'object' || tally === null) return ''
  return Object.entries(tally as Readonly<Record<string, unknown>>)
    .map(([word, times]) => (times === 1 ? word : `${word} (${String(times)})`))
    .join(', ')
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function duration(value: unknown): string {
  return durationWords(number(value))
}

function moment(value: unknown): string {
  return new Date(number(value)).toISOString()
}
