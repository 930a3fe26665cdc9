import { styleText } from 'node:util'

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'dim' | 'strong' | 'plain'

/** Colours text, or leaves it alone where colours are not wanted. */
export type Paint = (tone: Tone, text: string) => string

const styles = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  busy: 'cyan',
  dim: 'gray',
  strong: 'bold',
} as const

export function painter(colours: boolean): Paint {
  return (tone, text) =>
    !colours || tone === 'plain' || text === ''
      ? text
      : styleText(styles[tone], text, { validateStream: false })
}

/** Whether colours are wanted there: a terminal that can, and nobody said no (https://no-color.org). */
export function wantsColours(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
  option: boolean,
): boolean {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return option && isTerminal && !refused
}

/** The tone of a state of a command or one of its targets. */
export function toneOfState(state: string): Tone {
  return stateTones.get(state) ?? 'busy'
}
const stateTones: ReadonlyMap<string, Tone> = new Map([
  ['succeeded', 'good'],
  ['completed', 'plain'],
  ['refused', 'bad'],
  ['unsupported', 'bad'],
  ['failed', 'bad'],
  ['expired', 'bad'],
  ['cancelled', 'warn'],
  ['superseded', 'warn'],
  ['unknown', 'warn'],
  ['accepted-unverified', 'warn'],
  ['unverified', 'warn'],
  ['reconciled', 'warn'],
])

export function toneOfStatus(status: string): Tone {
  switch (status) {
    case 'Available':
      return 'good'
    case 'Faulted':
      return 'bad'
    case 'Unavailable':
      return 'warn'
    case 'Charging':
      return 'busy'
    default:
      return 'plain'
  }
}
