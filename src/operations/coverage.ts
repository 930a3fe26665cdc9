import { outboundActions, versions } from '../ocpp/versions.ts'
import type { OutboundAction, Version } from '../ocpp/versions.ts'
import { operations } from './catalogue.ts'

/*
 * Every message a management system may send belongs to an operation, or stands here with the reason why
 * it is not sent. The page in docs/reference is made from this, and a test fails for what is in neither.
 */

/** Messages that are not sent on purpose, and why. */
export const deliberateAbsences = {
  RequestBatterySwap:
    'It has a station hand out a battery, which shows in BatterySwap messages alone. Those are not followed, so nobody could say whether it worked.',
} as const satisfies Partial<Record<{ [V in Version]: OutboundAction<V> }[Version], string>>

export interface Coverage {
  readonly version: Version
  readonly action: string
  /** Operations that send it. */
  readonly operations: readonly string[]
  /** Why it is not sent; undefined where it is, and where nobody has thought of it. */
  readonly absent?: string
}

/** Every action of every version, with the operations it belongs to. */
export function coverage(): Coverage[] {
  return versions.flatMap((version) =>
    [...outboundActions(version)].sort().map((action): Coverage => {
      const sending = operations
        .filter((operation) => actionsOf(operation.versions[version]).includes(action))
        .map(({ name }) => name)
      const absent = sending.length === 0 ? absenceOf(action) : undefined
      return { version, action, operations: sending, ...(absent === undefined ? {} : { absent }) }
    }),
  )
}

type Plan = (typeof operations)[number]['versions'][Version]

function actionsOf(plan: Plan): readonly string[] {
  if ('absent' in plan) return []
  return [plan.action, ...(plan.followUp?.actions ?? [])]
}

function absenceOf(action: string): string | undefined {
  return (deliberateAbsences as Readonly<Record<string, string>>)[action]
}

const none = '–'

/** The reference page: action by version, and the operations that send it. */
export function coveragePage(): string {
  const rows = coverage()
  const actions = [...new Set(rows.map(({ action }) => action))].sort()
  const cell = (action: string, version: Version): string => {
    const row = rows.find((one) => one.action === action && one.version === version)
    if (row === undefined) return none
    if (row.absent !== undefined) return 'not sent'
    return row.operations.map((name) => `[${name}](operations.md#${anchor(name)})`).join(', ')
  }
  const table = [
    `| Message | ${versions.map((version) => `OCPP ${version}`).join(' | ')} |`,
    `| --- | ${versions.map(() => '---').join(' | ')} |`,
    ...actions.map(
      (action) =>
        `| \`${action}\` | ${versions.map((version) => cell(action, version)).join(' | ')} |`,
    ),
  ]
  const absences = Object.entries(deliberateAbsences).map(
    ([action, because]) => `- \`${action}\`: ${because}`,
  )
  return [
    '# Coverage of OCPP',
    'This page is generated from the code (`npm run docs`); change it there.',
    `Every message a management system may send to a charger, and the operations that send it. A dash: the version has no such message. OCPP 1.6 is with its security extension.`,
    table.join('\n'),
    '## Not sent, and why',
    absences.join('\n'),
  ].join('\n\n')
}

/** As GitHub makes anchors of headings. */
function anchor(name: string): string {
  return name.replaceAll(/[^a-z0-9-]/g, '')
}
