import Type from 'typebox'
import type { Static } from 'typebox'
import type { JsonObject } from '../../../kernel/json.ts'
import { absent, operation, planner, refuse, refusedBecause } from '../../operation.ts'
import type { Refusal, Verdict } from '../../operation.ts'
import { sameValue, variableKeyText } from '../../settings-key.ts'
import { urlSupply } from '../../urls.ts'
import { toldBy2x } from '../settings/told.ts'
import type { Told } from '../settings/told.ts'

const interfaces = [
  'Wired0',
  'Wired1',
  'Wired2',
  'Wired3',
  'Wireless0',
  'Wireless1',
  'Wireless2',
  'Wireless3',
] as const

const params = Type.Object(
  {
    slot: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'Where it is stored; never the slot in use',
    }),
    url: Type.String({
      minLength: 1,
      maxLength: 512,
      description:
        'Where the charger connects to, without its identity, e.g. wss://csms.example.com/ocpp',
    }),
    securityProfile: Type.Integer({
      minimum: 1,
      maximum: 3,
      description:
        '1 password without TLS, 2 password and TLS, 3 certificates; never a lower one than now',
    }),
    interface: Type.Enum([...interfaces], { description: 'Which network it uses' }),
    messageTimeoutSeconds: Type.Integer({ minimum: 1, maximum: 3_600 }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { callThenMore } = planner<Params>()
const minute = 60_000

const active = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'ActiveNetworkProfile' } }
const priority = {
  component: { name: 'OCPPCommCtrlr' },
  variable: { name: 'NetworkConfigurationPriority' },
}
const profileNow = { component: { name: 'SecurityCtrlr' }, variable: { name: 'SecurityProfile' } }

/** What must be known before anything is written. */
const questions = {
  request: ({ url, securityProfile }: Params) =>
    unfit(url, securityProfile) ?? {
      getVariableData: [active, priority, profileNow] as [typeof active, ...(typeof active)[]],
    },
  judge: (response: Parameters<typeof toldBy2x>[0], asked: Params): Verdict =>
    safe(toldBy2x(response), asked),
}

function connectionData({
  url,
  securityProfile,
  interface: network,
  messageTimeoutSeconds,
}: Params) {
  return {
    ocppTransport: 'JSON',
    ocppCsmsUrl: url,
    messageTimeout: messageTimeoutSeconds,
    securityProfile,
    ocppInterface: network,
  } as const
}

export const networkProfile = operation({
  name: 'network.profile',
  title: 'Store a network connection profile',
  description:
    'Stores how an OCPP 2.x charger reaches a management system, in a slot that is not in use. It connects that way only once settings.write puts the slot first in OCPPCommCtrlr/NetworkConfigurationPriority and the charger restarts. ' +
    'First the charger is asked which slot and security profile it uses. The URL must be allowed by OTA_ALLOWED_CHARGER_URLS. Passwords of mobile networks and VPNs cannot be given: what is sent is recorded.',
  risk: 'critical',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 30 * minute,
  conflict: { when: 'refuse', scope: ({ slot }) => `slot ${slot}` },
  effect: { seenIn: 'answer' },
  supply: ({ url }) => urlSupply([{ url, field: 'url' }]),
  undo: 'network.profile with what the slot held before',
  versions: {
    '1.6': absent(
      'OCPP 1.6 has no network profiles; where it connects is set by the vendor’s keys',
    ),
    '2.0.1': callThenMore('2.0.1', 'GetVariables', questions, {
      next: (_stored, asked) => ({
        action: 'SetNetworkProfile',
        payload: {
          configurationSlot: asked.slot,
          connectionData: { ...connectionData(asked), ocppVersion: 'OCPP20' as const },
        },
      }),
      judge: {
        SetNetworkProfile: ({ status }) => stored[status] ?? unverifiable,
      },
    }),
    '2.1': callThenMore('2.1', 'GetVariables', questions, {
      next: (known, asked) =>
        isStored(known)
          ? {
              action: 'GetVariables' as const,
              payload: { getVariableData: [urlOf(asked)] as [Variable] },
            }
          : {
              action: 'SetNetworkProfile' as const,
              payload: {
                configurationSlot: asked.slot,
                connectionData: { ...connectionData(asked), ocppVersion: 'OCPP21' as const },
              },
            },
      judge: {
        SetNetworkProfile: ({ status }) =>
          stored[status] ?? { meaning: 'accepted', result: { stored: true } },
        GetVariables: (response, asked) => compared(toldBy2x(response), asked),
      },
    }),
  },
})

const unverifiable: Verdict = {
  meaning: 'unverifiable',
  detail: 'stored; OCPP 2.0.1 shows it only when the charger connects that way',
}
const stored: Readonly<Record<'Accepted' | 'Rejected' | 'Failed', Verdict | undefined>> = {
  Accepted: undefined,
  Rejected: refusedBecause('the charger rejected the profile'),
  Failed: { meaning: 'failed', detail: 'the charger could not store the profile' },
}

function unfit(url: string, securityProfile: number): Refusal | undefined {
  const secure = securityProfile > 1
  const scheme = URL.canParse(url) ? new URL(url).protocol : ''
  if (scheme === (secure ? 'wss:' : 'ws:')) return undefined
  return refuse(
    `security profile ${securityProfile} connects to ${secure ? 'wss' : 'ws'}://`,
    'url',
  )
}

/** B09.FR.02: the slot in use is not overwritten; A05.FR.02: the security profile is not lowered. */
function safe(told: readonly Told[], { slot, securityProfile }: Params): Verdict {
  const now = valueOf(told, profileNow)
  if (now !== undefined && Number(now) > securityProfile)
    return refusedBecause(`the charger uses security profile ${now}, which is not lowered`)
  const used = valueOf(told, active) ?? valueOf(told, priority)?.split(',')[0]
  if (used === undefined)
    return refusedBecause('the charger does not tell which slot it uses, so none is written')
  if (sameValue(used, String(slot)))
    return refusedBecause(`slot ${slot} is the one the charger uses now: choose another`)
  return { meaning: 'accepted', result: { usedSlot: used } }
}

function valueOf(told: readonly Told[], key: Parameters<typeof variableKeyText>[0]) {
  const name = variableKeyText(key).toLowerCase()
  const one = told.find((candidate) => candidate.key.toLowerCase() === name)
  return one === undefined || 'problem' in one || one.value === null || one.value.trim() === ''
    ? undefined
    : one.value
}

type Variable = ReturnType<typeof urlOf>

/** OCPP 2.1 shows every slot as a component of the device model (B09.FR.31). */
function urlOf({ slot }: Params) {
  return {
    component: { name: 'NetworkConfiguration', instance: String(slot) },
    variable: { name: 'OcppCsmsUrl' },
  }
}

function isStored(known: unknown): boolean {
  return (known as JsonObject | null)?.stored === true
}

function compared(told: readonly Told[], asked: Params): Verdict {
  const shown = valueOf(told, urlOf(asked))
  if (shown === undefined)
    return { meaning: 'unverifiable', detail: 'stored, but the charger does not show the slot' }
  return shown === asked.url
    ? { meaning: 'done', result: { slot: asked.slot, url: shown } }
    : { meaning: 'failed', detail: `accepted, but the slot still shows ${shown}` }
}
