import Type from 'typebox'
import type { ChargerFacts } from '../../facts.ts'
import {
  accepted,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
  unsupportedBecause,
} from '../../operation.ts'
import type { Refusal, Verdict } from '../../operation.ts'
import { sealedCredential } from '../../sealed.ts'

const params = Type.Object({}, { additionalProperties: false })

const { call, call2x } = planner<object>()
const minute = 60_000
/** More that were sent and never shown are a charger that does not take them. */
const mostUnshown = 5

const needsReset: Verdict = {
  meaning: 'accepted',
  detail: 'stored; the charger uses it after a reset',
}
const rejected = refusedBecause('the charger rejected the new credential; the old one stays')
const unknown = unsupportedBecause('the charger lets nobody set its credential')

export const chargerRotateCredential = operation({
  name: 'charger.rotate-credential',
  title: 'Give a charger a new credential',
  description:
    'Makes a new random credential and sends it to the charger. Worked when the charger connects with it; until then the old one stays valid too, so that no charger is locked out. ' +
    'The credential is made at the moment it is sent. Nobody sees it, and only its hash is kept.',
  risk: 'critical',
  params,
  repeatable: false,
  whilePending: true,
  expiresAfterMs: 10 * minute,
  conflict: { when: 'refuse', scope: () => 'credential' },
  seals: 'charger-credential',
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the charger connects with the new credential',
    withinMs: 15 * minute,
    seen({ credential }, since) {
      const at = credential?.provenAt
      return at !== undefined && at > since ? { seen: 'yes', result: { provenAt: at } } : notYet
    },
  },
  undo: 'charger.rotate-credential once more; or set the same one on both sides by hand',
  versions: {
    '1.6': call('1.6', 'ChangeConfiguration', {
      request: (_params, charger) =>
        tooMany(charger) ?? { key: 'AuthorizationKey', value: sealedCredential },
      answers: {
        Accepted: accepted,
        RebootRequired: needsReset,
        Rejected: rejected,
        NotSupported: unknown,
      },
    }),
    ...call2x('SetVariables', {
      request: (_params, charger) =>
        tooMany(charger) ?? {
          setVariableData: [
            {
              component: { name: 'SecurityCtrlr' },
              variable: { name: 'BasicAuthPassword' },
              attributeValue: sealedCredential,
            },
          ],
        },
      judge: ({ setVariableResult: [one] }) =>
        one === undefined
          ? { meaning: 'failed', detail: 'the charger answered nothing about its credential' }
          : words[one.attributeStatus],
    }),
  },
})

const words = {
  Accepted: accepted,
  RebootRequired: needsReset,
  Rejected: rejected,
  UnknownComponent: unknown,
  UnknownVariable: unknown,
  NotSupportedAttributeType: unknown,
} as const

function tooMany({ credential }: ChargerFacts): Refusal | undefined {
  const { offered = 0 } = credential ?? {}
  return offered >= mostUnshown
    ? refuse(
        `${offered} credentials were sent and the charger has shown none of them: set one by hand on both sides`,
      )
    : undefined
}
