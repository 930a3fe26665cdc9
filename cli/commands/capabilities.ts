import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { session } from '../session.ts'
import type { Output } from '../terminal/output.ts'
import { fields, type Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { quirkSection, valueText } from './model-view.ts'

type Knowledge = Schemas['ChargerKnowledge']
type Value = boolean | number | string[]

export function capabilitiesCommand(world: World) {
  return new Command('capabilities')
    .description('Show what a charger can do, and where that is known from; or say it yourself.')
    .argument('<identity>')
    .addOption(
      new Option(
        '--set <name=value>',
        'override one: true, false, a number, or words with commas',
      ).argParser(assignment),
    )
    .option('--drop <name>', 'take an override back')
    .option('--reason <text>', 'why; kept in the audit record')
    .action(async (identity, { set, drop, reason }, command) => {
      const { server, out } = session(world, command)
      const path = { identity }
      if (set !== undefined && drop !== undefined)
        throw usage('give either --set or --drop, not both')
      if ((set !== undefined || drop !== undefined) && reason === undefined)
        throw usage('say why with --reason')
      const known =
        set !== undefined
          ? await server.ask(
              server.api.PUT('/api/v1/chargers/{identity}/capabilities/{name}', {
                params: { path: { ...path, name: set.name } },
                body: { value: set.value, reason: reason ?? '' },
              }),
            )
          : drop !== undefined
            ? await server.ask(
                server.api.DELETE('/api/v1/chargers/{identity}/capabilities/{name}', {
                  params: { path: { ...path, name: drop }, query: { reason: reason ?? '' } },
                }),
              )
            : await server.ask(
                server.api.GET('/api/v1/chargers/{identity}/capabilities', { params: { path } }),
              )
      out.show(known, () => knowledge(known, out, server.now()))
    })
}

function assignment(text: string): { name: string; value: Value } {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined || value.trim() === '')
    throw new InvalidArgumentError('Give a name and a value, e.g. max-stack-level=0.')
  return { name: name.trim(), value: valueOf(value.trim()) }
}

function valueOf(text: string): Value {
  if (/^(true|yes)$/i.test(text)) return true
  if (/^(false|no)$/i.test(text)) return false
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  return text.split(',').map((word) => word.trim())
}

function knowledge(known: Knowledge, out: Output, now: number): string {
  const { paint } = out
  const model = [known.vendor, known.model].filter((one) => one !== null).join(' ')
  const table =
    known.capabilities.length === 0
      ? 'Nothing is known yet. It is learned from what the charger tells and answers.'
      : out.tabled(known.capabilities, columns(now))
  return [
    paint('strong', visible(known.identity)),
    fields(
      [
        ['Model', model === '' ? 'not told yet' : visible(model)],
        ['Firmware', visible(known.firmware ?? 'not told')],
        ['Profiles', known.profiles.join(', ') || 'none: nobody has described this model'],
      ],
      paint,
    ),
    table,
    quirkSection(known.quirks, out),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')
}

function columns(now: number): readonly Column<Knowledge['capabilities'][number]>[] {
  return [
    { title: 'CAPABILITY', cell: ({ name }) => name },
    { title: 'VALUE', cell: ({ value }) => valueText(value), least: 8 },
    { title: 'SOURCE', cell: sourceCell },
    {
      title: 'SINCE',
      cell: ({ since }) => (since === null ? null : relative(since, now)),
      leaveOut: 1,
    },
    { title: 'WHY', cell: ({ why }) => why, least: 16 },
  ]
}

function sourceCell({
  source,
  setForFirmware,
  firmwareChanged,
}: Knowledge['capabilities'][number]) {
  if (setForFirmware === null) return source
  const text = `${source}, set for firmware ${setForFirmware}`
  return firmwareChanged ? { text, tone: 'warn' as const } : text
}
