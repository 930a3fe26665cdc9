import Type from 'typebox'
import type { Static } from 'typebox'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import {
  absent,
  isRefusal,
  notYet,
  operation,
  planner,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import { reportOf, reportResult } from '../../report-effect.ts'
import { controlFor, controlId, controlType, isDefaultParam, noDer } from './controls.ts'

const params = Type.Object(
  {
    id: controlId,
    type: controlType,
    default: isDefaultParam,
    settings: Type.Unsafe<JsonObject>(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description:
            'What it says, as OCPP 2.1 writes it for this type, e.g. {"priority":0,"setpoint":20,"unit":"PctMaxVar"} for FixedVar',
        },
      ),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore } = planner<Params>()
const minute = 60_000

export const gridDerSet = operation({
  name: 'grid.der-set',
  title: 'Set a control of the grid code',
  description:
    'Tells an OCPP 2.1 charger that feeds into the grid how it behaves towards voltage, frequency and power. Worked when the charger lists the control. Wrong values endanger the grid and breach its rules.',
  risk: 'critical',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 15 * minute,
  conflict: { when: 'supersede', scope: ({ id }) => `control ${id}` },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger lists the control',
    withinMs: 2 * minute,
    seen(facts, since, { id }, { fresh, answered, answer = null }) {
      const report = reportOf(facts, 'der-control', fresh.number, since)
      if (report?.complete !== true) return notYet
      if (!report.ids.includes(id))
        return { seen: 'no', because: `accepted, but control ${id} is not listed` }
      // Without its answer, the control may be one that stood there before.
      if (!answered)
        return { seen: 'unclear', because: `control ${id} is listed, as it may have been before` }
      return {
        seen: 'yes',
        result: { control: id, ...superseded(answer), ...(reportResult(report) as object) },
      }
    },
  },
  check(asked) {
    const control = controlFor(asked)
    return isRefusal(control) ? control : undefined
  },
  undo: 'grid.der-clear; what it superseded must be set again',
  versions: {
    '1.6': absent(noDer['1.6']),
    '2.0.1': absent(noDer['2.0.1']),
    '2.1': callThenMore(
      '2.1',
      'SetDERControl',
      {
        request: (asked) => controlFor(asked),
        answers: {
          Accepted: ({ supersededIds = [] }) => ({
            meaning: 'accepted',
            result: { superseded: supersededIds.join(', ') },
          }),
          Rejected: refusedBecause('the charger rejected the control'),
          NotSupported: unsupportedBecause('the charger does not know this kind of control'),
          NotFound: refusedBecause('the charger has no control of this kind'),
        },
      },
      {
        reconciles: true,
        next: (stored, { id, type, default: isDefault = false }, _charger, fresh) =>
          isJsonObject(stored) && stored['listing'] === true
            ? undefined
            : {
                action: 'GetDERControl',
                payload: {
                  requestId: fresh.number,
                  isDefault,
                  controlType: type,
                  controlId: id,
                },
              },
        judge: {
          GetDERControl: ({ status }, _asked, stored) => {
            switch (status) {
              case 'Accepted':
                return { meaning: 'accepted', result: { ...superseded(stored), listing: true } }
              case 'NotFound':
                return {
                  meaning: 'failed',
                  detail: 'accepted, but the charger has no such control',
                }
              case 'Rejected':
              case 'NotSupported':
                return {
                  meaning: 'unverifiable',
                  detail: 'accepted, but the charger does not list its controls',
                }
            }
          },
        },
      },
    ),
  },
})

function superseded(stored: Json): { superseded?: string } {
  const ids = isJsonObject(stored) ? stored['superseded'] : undefined
  return typeof ids === 'string' && ids !== '' ? { superseded: ids } : {}
}
