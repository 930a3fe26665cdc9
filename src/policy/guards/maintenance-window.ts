import { coversOperation } from '../operation-pattern.ts'
import { covers } from '../../fleet/groups/scope.ts'
import { isWithin, nextBegin, nextEnd } from '../hours.ts'
import type { Question, TargetStanding } from '../question.ts'
import type { GuardRules, MaintenanceWindow } from '../rules/guards.ts'
import { momentWords, named } from '../words.ts'
import type { Guard } from './guard.ts'
import { about, nothingSaid } from './guard.ts'

const rule = 'guard.maintenance-window'

export const maintenanceWindow: Guard = {
  rule,
  title: 'Maintenance windows',
  because: 'What takes chargers from drivers is done in the hours that were agreed for it.',
  figures: ({ windows }) => [
    windows.windows.length === 0
      ? 'there are none, so it says nothing'
      : windows.windows.map(windowWords).join('; '),
    windows.outside === 'approval'
      ? `outside of them as an approved request (${windows.approverRoles.join(' or ')})`
      : 'never outside of them',
  ],
  decide(question) {
    const { what, targets, rules, now } = question
    const { windows } = rules.guards
    const concerned = windows.windows.filter(({ operations }) =>
      coversOperation(operations, what.operation),
    )
    if (concerned.length === 0) return nothingSaid
    const states = new Map(concerned.map((window) => [window, stateOf(window, now)]))
    const looked = targets.flatMap((target) => {
      const own = concerned.filter((window) => holdsFor(window, target))
      return own.length === 0 ? [] : [{ target, ...best(own.map((window) => states.get(window)!)) }]
    })
    const outside = looked.filter(({ open }) => !open)
    if (outside.length > 0) return { spoken: [outsideSaid(question, outside, windows)] }
    const ends = looked.flatMap(({ ends: end }) => end ?? [])
    return ends.length === 0 ? nothingSaid : { spoken: [], bounds: { notAfter: Math.min(...ends) } }
  },
}

interface WindowState {
  readonly open: boolean
  readonly ends: number | undefined
  readonly begins: number | undefined
}

function stateOf(window: MaintenanceWindow, now: number): WindowState {
  const open = isWithin(window, window.timeZone, now)
  return {
    open,
    ends: open ? nextEnd(window, window.timeZone, now) : undefined,
    begins: open ? undefined : nextBegin(window, window.timeZone, now),
  }
}

/** The open one that lasts longest, or the one that begins first. */
function best(states: readonly WindowState[]): WindowState {
  const open = states.filter((one) => one.open)
  if (open.length > 0) {
    const ends = open.map((one) => one.ends)
    return {
      open: true,
      ends: ends.includes(undefined) ? undefined : Math.max(...ends.map((one) => one ?? 0)),
      begins: undefined,
    }
  }
  const begins = states.flatMap((one) => one.begins ?? [])
  return {
    open: false,
    ends: undefined,
    begins: begins.length === 0 ? undefined : Math.min(...begins),
  }
}

function holdsFor({ groups }: MaintenanceWindow, { group }: TargetStanding): boolean {
  return groups === undefined || covers({ groups }, group)
}

function outsideSaid(
  { what, targets }: Question,
  outside: readonly { readonly target: TargetStanding; readonly begins: number | undefined }[],
  { outside: rest, approverRoles: roles }: GuardRules['windows'],
) {
  const begins = outside.flatMap((one) => one.begins ?? [])
  const until = begins.length === 0 ? undefined : Math.max(...begins)
  const names = named(outside.map(({ target }) => target.charger))
  const which =
    targets.length === 1 ? names : `${outside.length} of ${targets.length} chargers (${names})`
  const when = until === undefined ? '' : ` The next one begins at ${momentWords(until)}.`
  const how = rest === 'approval' ? ' Wait for it, or ask for approval.' : ' Wait for it.'
  return {
    rule,
    says: rest === 'approval' ? ('requires' as const) : ('denies' as const),
    sentence: `${what.operation.name} is done in maintenance windows only, and there is none now for ${which}.${when}${how}`,
    ...(rest === 'approval' ? { needs: { approvals: [{ count: 1, roles }] } } : {}),
    ...(until === undefined ? {} : { until }),
    ...about(outside.map(({ target }) => target)),
  }
}

function windowWords({ operations, days, from, to, timeZone, groups }: MaintenanceWindow): string {
  const where = groups === undefined ? 'everywhere' : groups.join(', ')
  return `${operations.join(', ')} on ${days.join(', ')} ${from}-${to} (${timeZone}) ${where}`
}
