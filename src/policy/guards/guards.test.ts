import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  approved,
  noon,
  question,
  robot,
  system,
  target,
  targets,
} from '../../../test/kit/question.ts'
import type { AskedQuestion } from '../../../test/kit/question.ts'
import type { StandingFault } from '../question.ts'
import { breakGlass } from './break-glass.ts'
import type { Guard } from './guard.ts'
import { guards } from './guards.ts'
import { maintenanceWindow } from './maintenance-window.ts'
import { robotBudget } from './robot-budget.ts'
import { runningSessions } from './running-sessions.ts'
import { safetyFaults } from './safety-faults.ts'
import { underMaintenance } from './under-maintenance.ts'

function said(guard: Guard, asked: AskedQuestion): string {
  const { spoken } = guard.decide(question(asked))
  for (const one of spoken) assert.equal(one.rule, guard.rule)
  return spoken.map(({ says }) => says).join(', ')
}

function sentence(guard: Guard, asked: AskedQuestion): string {
  return guard.decide(question(asked)).spoken[0]?.sentence ?? ''
}

function fault(over: Partial<StandingFault>): StandingFault {
  return {
    code: 'OtherError',
    vendorCode: null,
    info: null,
    evse: 1,
    since: noon - 60_000,
    ...over,
  }
}

test('every guard has a rule of its own, a title, a reason and its figures', () => {
  const rules = question().rules.guards
  assert.equal(new Set(guards.map(({ rule }) => rule)).size, guards.length)
  for (const { title, because, figures } of guards) {
    assert.match(title, /^[A-Z].*[^.]$/)
    assert.match(because, /\.$/)
    assert.ok(figures(rules).length > 0)
  }
})

test('no guard has anything against reading, whatever stands', () => {
  const bad = target({
    sessionsAt: [1],
    faults: [fault({ code: 'GroundFailure' })],
    maintenance: true,
    resets: [{ at: noon - 1, faults: [] }],
  })
  const who = { actor: robot }
  for (const guard of guards)
    assert.equal(said(guard, { operation: 'settings.read', targets: [bad], who }), '', guard.rule)
})

// Running sessions

const busy = [target({ sessionsAt: [2] })]
const underSession: readonly (readonly [string, AskedQuestion, string])[] = [
  ['a reset under a session', {}, 'denies'],
  ['a reset when idle', { params: { mode: 'when-idle' } }, ''],
  ['a reset that says it ends sessions first', { params: { mode: 'after-stopping-sessions' } }, ''],
  ['a reset of another EVSE', { params: { mode: 'now', evse: 1 } }, ''],
  ['a reset of the EVSE in use', { params: { mode: 'now', evse: 2 } }, 'denies'],
  ['a reset that leaves its mode open', { params: {} }, 'denies'],
  ['a reset knowingly', { acknowledges: ['running-sessions'] }, ''],
  ['an unlock', { operation: 'connector.unlock', params: { evse: 2 } }, 'denies'],
  ['an unlock that leaves open which', { operation: 'connector.unlock' }, 'denies'],
  ['an unlock of another connector', { operation: 'connector.unlock', params: { evse: 1 } }, ''],
  [
    'an unlock by its own parameter',
    { operation: 'connector.unlock', params: { evse: 2, evenWithSession: true } },
    '',
  ],
  ['stopping the session', { operation: 'session.stop' }, ''],
]
for (const [name, asked, says] of underSession)
  test(`with a session on EVSE 2, ${name} is ${says === '' ? 'no matter' : 'refused'}`, () => {
    assert.equal(said(runningSessions, { ...asked, targets: busy }), says)
  })

test('a refusal under sessions says how many, where, and what to do instead', () => {
  assert.equal(
    sentence(runningSessions, { targets: [...targets(5, { sessionsAt: [1, 2] }), ...targets(3)] }),
    '10 sessions run on CP-1, CP-2 and 3 others: take mode when-idle (OCPP 2.x) or after-stopping-sessions, or acknowledge running-sessions knowingly.',
  )
})

// Safety faults

const unsafe: readonly (readonly [string, Partial<StandingFault>, boolean])[] = [
  ['a ground failure of OCPP 1.6', { code: 'GroundFailure' }, true],
  ['over-temperature', { code: 'HighTemperature' }, true],
  ['a welded contactor', { code: 'PowerSwitchFailure' }, true],
  ['an emergency stop as vendor code', { vendorCode: 'ERR_EMERGENCY_STOP_PRESSED' }, true],
  ['the common code of an emergency stop', { vendorCode: 'CX008' }, true],
  ['a problem of the residual-current device of 2.x', { code: 'RCD' }, true],
  ['a problem of one temperature sensor of 2.x', { code: 'TemperatureSensor/inlet 2' }, true],
  ['an emergency stop sensor', { code: 'EmergencyStopSensor', evse: 0 }, true],
  ['over-temperature told in words', { info: 'cable over-temperature' }, true],
  ['a reader that fails', { code: 'ReaderFailure' }, false],
  ['a weak signal', { code: 'WeakSignal' }, false],
  ['a car that does not answer', { code: 'EVCommunicationError' }, false],
  ['an error of its software', { code: 'InternalError', vendorCode: '0x17' }, false],
]
for (const [name, over, stops] of unsafe)
  test(`${name} ${stops ? 'stops' : 'does not stop'} a remote reset, start and enabling, never stopping`, () => {
    const those = [target({ faults: [fault(over)] })]
    const says = (operation: string, params = {}): string =>
      said(safetyFaults, { operation, params, targets: those })
    const expected = stops ? 'denies' : ''
    assert.equal(says('charger.reset', { mode: 'now' }), expected)
    assert.equal(says('session.start'), expected)
    assert.equal(says('charger.availability', { availability: 'operative' }), expected)
    assert.equal(says('charger.availability'), expected)
    assert.equal(says('charger.availability', { availability: 'inoperative' }), '')
    assert.equal(says('session.stop'), '')
  })

test('a fault of one EVSE does not stop a start at another, one of the charger does', () => {
  const asked = { operation: 'session.start', params: { evse: 1 } }
  const at = (evse: number): string =>
    said(safetyFaults, {
      ...asked,
      targets: [target({ faults: [fault({ code: 'GroundFailure', evse })] })],
    })
  assert.deepEqual([at(1), at(2), at(0)], ['denies', '', 'denies'])
})

test('a refusal for safety says the fault, since when, and what stays possible', () => {
  const faults = [fault({ code: 'GroundFailure', vendorCode: 'E42' })]
  assert.equal(
    sentence(safetyFaults, { targets: [target({ faults })] }),
    'CP-1 has reported GroundFailure (E42) for 1 min: no remote reset, start or enabling until somebody has looked on site and it is gone. Stopping it and taking it out of service stay possible.',
  )
})

test('the product itself is bound by safety faults as everybody is', () => {
  const those = [target({ faults: [fault({ code: 'GroundFailure' })] })]
  for (const actor of [robot, system])
    assert.equal(said(safetyFaults, { targets: those, who: { actor } }), 'denies')
})

// Maintenance windows

const window = {
  operations: ['firmware.*', 'charger.reset'],
  days: ['wed' as const],
  from: '02:00',
  to: '05:00',
  timeZone: 'UTC',
}
const windows = (over = {}) => ({ windows: { windows: [{ ...window, ...over }] } })
const night = Date.parse('2026-03-04T03:00:00Z')

test('inside its window an operation is done, and nothing leaves after the end', () => {
  const result = maintenanceWindow.decide(question({ guards: windows(), now: night }))
  assert.deepEqual(result, { spoken: [], bounds: { notAfter: Date.parse('2026-03-04T05:00:00Z') } })
})

test('outside it needs approval, or is refused where the rules say so, until the next begins', () => {
  const [spoken] = maintenanceWindow.decide(question({ guards: windows() })).spoken
  assert.equal(spoken?.says, 'requires')
  assert.deepEqual(spoken?.needs?.approvals, [{ count: 1, roles: ['approver', 'owner'] }])
  assert.equal(spoken?.until, Date.parse('2026-03-11T02:00:00Z'))
  assert.match(spoken?.sentence ?? '', /next one begins at 2026-03-11T02:00:00Z/)
  const strict = { windows: { ...windows().windows, outside: 'denied' as const } }
  assert.equal(said(maintenanceWindow, { guards: strict }), 'denies')
})

test('windows of other operations and other places do not matter', () => {
  assert.equal(said(maintenanceWindow, { operation: 'session.stop', guards: windows() }), '')
  const elsewhere = windows({ groups: ['South'] })
  assert.equal(said(maintenanceWindow, { guards: elsewhere }), '')
  assert.equal(said(maintenanceWindow, { guards: windows({ groups: ['North'] }) }), 'requires')
  const stray = [target({ group: null, site: null })]
  assert.equal(
    said(maintenanceWindow, { guards: windows({ groups: ['North'] }), targets: stray }),
    '',
  )
})

test('of several windows the open one counts that lasts longest', () => {
  const two = { windows: { windows: [window, { ...window, to: '06:30' }] } }
  const { bounds } = maintenanceWindow.decide(question({ guards: two, now: night }))
  assert.equal(bounds?.notAfter, Date.parse('2026-03-04T06:30:00Z'))
})

// Under maintenance

test('automation stays away from a charger under maintenance, people do not', () => {
  const held = [target({ maintenance: true })]
  const says = (actor: typeof robot | typeof system | undefined, operation?: string): string =>
    said(underMaintenance, {
      targets: held,
      ...(actor === undefined ? {} : { who: { actor } }),
      ...(operation === undefined ? {} : { operation }),
    })
  assert.equal(says(undefined), '')
  assert.equal(says(robot), 'denies')
  assert.equal(says(system), 'denies')
  assert.equal(says(system, 'charger.availability'), '', 'by which maintenance itself is kept')
  assert.equal(
    said(underMaintenance, { targets: held, who: { actor: { ...robot, id: 'local' } } }),
    '',
  )
})

// Robots

const budgets = { perHour: [{ operations: ['charger.*'], limit: 10 }] }

test('a robot without a budget may do what needs no factor, and nothing else', () => {
  assert.equal(said(robotBudget, { who: { actor: robot }, operation: 'session.start' }), '')
  assert.equal(said(robotBudget, { who: { actor: robot } }), 'denies')
  assert.match(
    sentence(robotBudget, { who: { actor: robot } }),
    /needs a budget that covers charger\.reset\. It has none/,
  )
})

test('a budget that covers it is reserved from, charger by charger', () => {
  const { spoken, reservations } = robotBudget.decide(
    question({ who: { actor: robot, budgets }, targets: targets(4) }),
  )
  assert.deepEqual(spoken, [])
  assert.deepEqual(
    reservations?.map(({ key, amount, limit, windowMs }) => [key, amount, limit, windowMs]),
    [['robot/r-1/charger.*', 4, 10, 3_600_000]],
  )
  assert.equal(
    said(robotBudget, { who: { actor: robot, budgets }, targets: targets(11) }),
    'denies',
  )
  assert.equal(
    said(robotBudget, { who: { actor: robot, budgets }, operation: 'connector.unlock' }),
    'denies',
    'another family',
  )
})

test('a robot for some models touches no other', () => {
  const who = { actor: robot, budgets: { ...budgets, models: ['ACME/Wall*'] } }
  assert.equal(said(robotBudget, { who }), '')
  assert.equal(said(robotBudget, { who, targets: [target({ model: 'Tower' })] }), 'denies')
  assert.equal(
    said(robotBudget, { who, targets: [target({ vendor: null, model: null })] }),
    'denies',
  )
})

test('the robot of a fresh installation has a generous budget from the rules', () => {
  const who = { actor: { ...robot, id: 'local' } }
  const { spoken, reservations } = robotBudget.decide(question({ who }))
  assert.deepEqual(spoken, [])
  assert.equal(reservations?.[0]?.limit, 2_000)
})

// Break-glass

test('a break-glass use touches so many chargers in all', () => {
  const authentication = { by: 'session', id: 's', factors: {}, breakGlass: 'u-1' } as const
  const person = question().who.actor
  const until = noon + 60_000
  const who = { actor: person, authentication, breakGlass: { deviceCap: 3, until }, bindings: [] }
  const { spoken, reservations } = breakGlass.decide(question({ who, targets: targets(2) }))
  assert.deepEqual(spoken, [])
  assert.deepEqual(reservations?.[0]?.key, 'break-glass/u-1')
  assert.equal(reservations[0]?.endsAt, until)
  assert.deepEqual(reservations?.[0]?.amount, { each: ['CP-1', 'CP-2'] })
  assert.equal(said(breakGlass, { who, targets: targets(4) }), 'denies')
  assert.equal(said(breakGlass, { targets: targets(4) }), '')
  for (const operation of ['charger.reset', 'settings.read'])
    assert.equal(breakGlass.decide(question({ who, operation })).bounds?.notAfter, until)
})

test('an approval mends no denial of a guard', () => {
  const bad = target({
    sessionsAt: [1],
    faults: [fault({ code: 'GroundFailure' })],
    resets: [{ at: noon - 1, faults: [] }],
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...guards),
      fc.constantFrom('charger.reset', 'session.start'),
      (guard, operation) => {
        const asked = { operation, params: { mode: 'now' }, targets: [bad] }
        const without = guard.decide(question(asked)).spoken.filter(({ says }) => says === 'denies')
        const withIt = guard.decide(question({ ...asked, approval: approved }))
        assert.ok(withIt.spoken.filter(({ says }) => says === 'denies').length >= without.length)
      },
    ),
  )
})
