import { knownCapabilities, numberOf } from '../../models/capability.ts'
import type { ChargerFacts } from '../facts.ts'
import { isRefusal, operation, planner, refuse } from '../operation.ts'
import type { Refusal } from '../operation.ts'
import { urlSupply } from '../urls.ts'
import {
  answered16,
  change16,
  data2x,
  goesOn,
  keyIn,
  notStored16,
  refusals,
  stored16,
  why16,
  written2x,
} from './settings/answered.ts'
import { urlsToWrite, wantedIn, writeParams, writeProblem, writeScope } from './settings/asked.ts'
import type { WriteParams } from './settings/asked.ts'
import { variables } from './settings/named.ts'
import { listedKeys, toldBy16, toldBy2x, variableKeysIn } from './settings/told.ts'
import {
  assignmentsOf,
  nextStep,
  withRead,
  withWritten,
  writeMessages,
} from './settings/writing.ts'
import type { Assignment } from './settings/writing.ts'

const { callThenMore, call2xThenMore } = planner<WriteParams>()
const minute = 60_000

export const settingsWrite = operation({
  name: 'settings.write',
  title: 'Write settings',
  description:
    'Stores configuration keys (1.6) or variables (2.x), by key or by meaning, and reads each of them back. ' +
    'Worked only when every value read back is the value written; the result tells what became of each.',
  risk: 'disruptive',
  params: writeParams,
  repeatable: true,
  whilePending: true,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'supersede', scope: writeScope },
  effect: { seenIn: 'answer' },
  undo: 'settings.write with the values before',
  check: writeProblem,
  supply: (asked) => urlSupply(urlsToWrite(asked)),
  versions: {
    '1.6': callThenMore(
      '1.6',
      'ChangeConfiguration',
      {
        request(asked, charger) {
          const first = firstMessage(asked, charger)
          return isRefusal(first) ? first : change16(first)
        },
        answers: {
          Accepted: (_response, _asked, payload) => stored16(payload, 'stored'),
          RebootRequired: (_response, _asked, payload) => stored16(payload, 'stored-until-reset'),
          Rejected: (_response, asked, payload) => notStored16(asked, payload, 'rejected'),
          NotSupported: (_response, asked, payload) => notStored16(asked, payload, 'unsupported'),
        },
      },
      {
        reconciles: true,
        next(stored, asked, charger) {
          const step = nextStep(stored, wantedIn(asked), charger)
          if (isRefusal(step)) return step
          if (step.do === 'end') return step.verdict
          return step.do === 'read'
            ? { action: 'GetConfiguration', payload: { key: [...step.keys] } }
            : { action: 'ChangeConfiguration', payload: change16(step.assignments) }
        },
        judge: {
          ChangeConfiguration: ({ status }, _asked, stored, payload) =>
            goesOn(
              withWritten(stored, [
                { key: keyIn(payload), how: answered16[status], why: why16[status] },
              ]),
            ),
          GetConfiguration: (response, _asked, stored, { key: names }) =>
            withRead(stored, toldBy16(response), listedKeys(names)),
        },
      },
    ),
    ...call2xThenMore(
      'SetVariables',
      {
        request(asked, charger) {
          const first = firstMessage(asked, charger)
          return isRefusal(first) ? first : { setVariableData: data2x(first) }
        },
        judge: ({ setVariableResult }, asked, { setVariableData }) => {
          const answered = written2x(setVariableResult, setVariableData)
          const [only] = answered
          if (only === undefined)
            return { meaning: 'failed', detail: 'the charger answered nothing about the variable' }
          const alone = wantedIn(asked).length === 1
          const { how } = only
          if (alone && (how === 'rejected' || how === 'unsupported'))
            return { meaning: refusals[how], detail: only.why ?? how }
          return goesOn(withWritten(undefined, answered))
        },
      },
      {
        reconciles: true,
        next(stored, asked, charger) {
          const step = nextStep(stored, wantedIn(asked), charger)
          if (isRefusal(step)) return step
          if (step.do === 'end') return step.verdict
          return step.do === 'read'
            ? { action: 'GetVariables', payload: { getVariableData: variables(step.keys) } }
            : { action: 'SetVariables', payload: { setVariableData: data2x(step.assignments) } }
        },
        judge: {
          SetVariables: ({ setVariableResult }, _asked, stored, { setVariableData }) =>
            goesOn(withWritten(stored, written2x(setVariableResult, setVariableData))),
          GetVariables: (response, _asked, stored, { getVariableData }) =>
            withRead(stored, toldBy2x(response), variableKeysIn(getVariableData)),
        },
      },
    ),
  },
})

function firstMessage(asked: WriteParams, charger: ChargerFacts): readonly Assignment[] | Refusal {
  const assignments = assignmentsOf(wantedIn(asked), charger)
  if (isRefusal(assignments)) return assignments
  const weaker = assignments.map((one) => weakening(one, charger)).find((one) => one !== undefined)
  return weaker ?? writeMessages(assignments, charger)[0] ?? []
}

/** A security profile goes up only (1.6 security extension A00.FR.003, 2.x A05.FR.02): what is lowered lets others listen. */
function weakening({ setting, text }: Assignment, charger: ChargerFacts): Refusal | undefined {
  if (!/(^|\/)SecurityProfile$/i.test(setting.key)) return undefined
  const now = numberOf(knownCapabilities(charger), 'security-profile')
  return now !== undefined && Number(text) < now
    ? refuse(`the charger uses security profile ${now}, which is not lowered`, setting.field)
    : undefined
}
