import { ProblemError } from '../../kernel/problem.ts'
import type { Capabilities, Capability, CapabilityName } from '../../models/capability.ts'
import {
  capabilityForm,
  capabilityValue,
  isCapabilityName,
  whatIsKnown,
} from '../../models/capability.ts'
import { resolveProfile } from '../../models/profile.ts'
import type { Tx } from '../../storage/database.ts'
import { saveLearned } from '../learned/store.ts'
import type { Announce } from '../publish.ts'
import type { Recorded } from '../record.ts'
import { recorded } from '../record.ts'
import { unknownCharger } from '../registry/view.ts'
import type { ChargerState } from '../reports/state-store.ts'
import { lockStates, readStates } from '../reports/state-store.ts'
import { checkReason } from '../rules.ts'
import type { ChargerKnowledge, Models } from './models.ts'
import { shownCapabilities, shownQuirks } from './shown.ts'

/** What single chargers can do, and a person's word on it. */
export function openCapabilities(
  house: Recorded & { readonly announce: Announce },
): Pick<Models, 'capabilities' | 'overrideCapability' | 'dropOverride'> {
  const { database, clock, announce } = house

  async function capabilities(identity: string): Promise<ChargerKnowledge> {
    const [state] = await readStates(database, [identity])
    if (state === undefined) throw unknownCharger(identity)
    return shown(state)
  }

  async function change(
    identity: string,
    decide: (state: ChargerState) => Capabilities,
    record: (tx: Tx, before: ChargerState) => Promise<void>,
  ): Promise<ChargerKnowledge> {
    await database.transaction(async (tx) => {
      const state = (await lockStates(tx, [identity])).get(identity)
      if (state === undefined) throw unknownCharger(identity)
      await saveLearned(tx, [{ ...state, capabilities: decide(state) }])
      await record(tx, state)
    })
    announce.changed([identity])
    return capabilities(identity)
  }

  return {
    capabilities,

    async overrideCapability(context, identity, { name, value, reason }) {
      const known = checkName(name)
      const checked = capabilityValue(known, value)
      if (checked === undefined)
        throw new ProblemError('invalid-input', `must be ${capabilityForm(known)}`, 'value')
      const why = checkReason(reason)
      return change(
        identity,
        ({ capabilities: before, firmware }) => {
          const said: Capability = {
            value: checked,
            source: 'overridden',
            since: clock.now(),
            why,
            ...(firmware === null ? {} : { firmware }),
          }
          return { ...before, [known]: said }
        },
        (tx, { capabilities: before }) => {
          const detail = { name: known, value: checked, before: before[known]?.value ?? null }
          const event = 'capability.overridden'
          return recorded(tx, house, [{ context, event, charger: identity, reason: why, detail }])
        },
      )
    },

    async dropOverride(context, identity, { name, reason }) {
      const known = checkName(name)
      const why = checkReason(reason)
      return change(
        identity,
        ({ capabilities: before }) => {
          const { [known]: said, ...others } = before
          if (said?.source !== 'overridden')
            throw new ProblemError('not-found', `nobody has overridden ${known} of ${identity}`)
          return others
        },
        (tx, { capabilities: before }) => {
          const detail = { name: known, before: before[known]?.value ?? null }
          const event = 'capability.override-dropped'
          return recorded(tx, house, [{ context, event, charger: identity, reason: why, detail }])
        },
      )
    },
  }
}

function checkName(name: string): CapabilityName {
  if (isCapabilityName(name)) return name
  throw new ProblemError(
    'invalid-input',
    `${name} is no capability; see docs/reference/models.md for those there are`,
    'name',
  )
}

function shown(state: ChargerState): ChargerKnowledge {
  const { identity, vendor, model, firmware, version } = state
  const profile = resolveProfile({ vendor, model, firmware, protocolVersion: version })
  const known = whatIsKnown({ profile, capabilities: state.capabilities })
  return {
    identity,
    vendor,
    model,
    firmware,
    profiles: profile.profiles,
    capabilities: shownCapabilities(known, firmware),
    quirks: shownQuirks(profile),
  }
}
