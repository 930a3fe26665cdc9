import type { Paint, Tone } from '../terminal/paint.ts'
import { fields, type Column } from '../terminal/table.ts'
import { length } from '../terminal/time.ts'
import { visible } from '../terminal/text.ts'
import type { Schemas } from '../wire/server.ts'

export type Operation = Schemas['Operation']

const risks: Readonly<Record<Operation['risk'], { tone: Tone; meaning: string }>> = {
  read: { tone: 'plain', meaning: 'looks only' },
  routine: { tone: 'plain', meaning: 'changes nothing lasting' },
  disruptive: { tone: 'warn', meaning: 'drivers notice' },
  critical: { tone: 'bad', meaning: 'power or safety' },
}

export const operationColumns: readonly Column<Operation>[] = [
  { title: 'OPERATION', cell: ({ name }) => name },
  { title: 'RISK', cell: ({ risk }) => ({ text: risk, tone: risks[risk].tone }) },
  { title: 'OCPP', cell: supportedText, leaveOut: 1 },
  { title: 'WHAT IT DOES', cell: ({ title }) => title, least: 20 },
]

function supportedText({ versions }: Operation): string {
  return Object.entries(versions)
    .filter(([, { supported }]) => supported)
    .map(([version]) => version)
    .join(' ')
}

/** All there is to know before running it. */
export function operationFacts(operation: Operation, paint: Paint): string {
  const { risk, repeatable, expiresAfterSeconds, effect, undo } = operation
  const within =
    effect.withinSeconds === undefined ? '' : `, within ${length(effect.withinSeconds * 1000)}`
  const facts: [string, string][] = [
    ['Risk', `${paint(risks[risk].tone, risk)}: ${risks[risk].meaning}`],
    [
      'Succeeds when',
      effect.looksLike === undefined
        ? 'the charger’s answer says so'
        : `${visible(effect.looksLike)}${within}`,
    ],
    ['Repeats', repeatable ? 'sent again if the line breaks' : 'never: it is sent at most once'],
    ['Offline', `waits ${length(expiresAfterSeconds * 1000)} for the charger, else expires`],
    ...Object.entries(operation.versions).map(([version, support]): [string, string] => [
      `OCPP ${version}`,
      support.supported
        ? `sends ${visible(support.action ?? '')}`
        : paint('warn', `cannot: ${visible(support.because ?? '')}`),
    ]),
    ...(undo === null ? [] : [['Undo', visible(undo)] as [string, string]]),
  ]
  return fields(facts, paint)
}
