import Type from 'typebox'
import type { Static } from 'typebox'
import {
  absent,
  accepted,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import { readBackVariable } from '../settings/read-back.ts'
import { noMonitoring16 } from './monitors.ts'

const bases = {
  all: 'All',
  'factory-default': 'FactoryDefault',
  'hard-wired-only': 'HardWiredOnly',
} as const
type Base = keyof typeof bases

const params = Type.Object(
  {
    base: Type.Enum(Object.keys(bases) as Base[], {
      description:
        'all: every monitor there is. factory-default: those it was delivered with, others are removed. hard-wired-only: those that cannot be switched off.',
    }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2xThenReadBack } = planner<Params>()
const minute = 60_000

export const monitoringBase = operation({
  name: 'monitoring.base',
  title: 'Choose which set of monitors a charger uses',
  description:
    'Activates a set of monitors on an OCPP 2.x charger. factory-default and hard-wired-only remove monitors that were set since. Worked when the charger says so when asked.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'supersede', scope: () => 'monitoring base' },
  effect: { seenIn: 'answer' },
  undo: 'monitoring.base, and monitoring.set for monitors that were removed',
  versions: {
    '1.6': absent(noMonitoring16),
    ...call2xThenReadBack(
      'SetMonitoringBase',
      {
        request: ({ base }) => ({ monitoringBase: bases[base] }),
        answers: {
          Accepted: accepted,
          Rejected: refusedBecause('the charger rejected it'),
          NotSupported: unsupportedBecause('the charger has no such set of monitors'),
          EmptyResultSet: refusedBecause('the charger has no monitor of that kind'),
        },
      },
      'GetVariables',
      readBackVariable(
        'MonitoringCtrlr',
        'ActiveMonitoringBase',
        ({ base }: Params) => bases[base],
      ),
    ),
  },
})
