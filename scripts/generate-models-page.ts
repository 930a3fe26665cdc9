import { writeFileSync } from 'node:fs'
import { quirkCatalogue, quirkKinds } from '../src/models/quirk.ts'
import type { QuirkKind } from '../src/models/quirk.ts'
import { capabilitySources, typeOf, valuedCapabilities } from '../src/models/capability.ts'
import type { ValuedCapability } from '../src/models/capability.ts'
import { shippedFiles } from '../src/models/library.ts'
import type { ModelProfile } from '../src/models/profile.ts'
import { vendorFileSchema } from '../src/models/schema.ts'
import { tolerances } from '../src/models/tolerances.ts'

/** The reference page on models: quirks, capabilities, and the profiles that come with the product. */
export function modelsPage(): string {
  const files = shippedFiles()
  return [
    '# Models',
    'This page is generated from the code (`npm run docs`); change it there.',
    'What “OCPP support” means differs from model to model. What is known of a model is data: a profile says which chargers it speaks of, what they can do, and how they depart from the standard, each with its evidence. Where several profiles fit, the most specific counts for each kind of quirk and each capability. `GET /api/v1/models` and `otactl models` show what applies to your fleet.',
    '## Capabilities',
    `What is known of a charger comes from ${capabilitySources.map((one) => `\`${one}\``).join(', then ')}, the strongest first: a person says so, an answer showed it, the charger told it, its profile says so. A quirk of the model stands above what its chargers wrongly say of themselves. What was learned goes when the firmware changes; what a person said stays, and says for which firmware it was set.`,
    table(
      ['Name', 'Means', 'Value'],
      [
        ['`action:<action>`', 'answers this OCPP action', 'true or false'],
        ...Object.keys(valuedCapabilities).map((name) => [
          `\`${name}\``,
          valuedCapabilities[name as ValuedCapability].title,
          forms[typeOf(name as ValuedCapability)],
        ]),
      ],
    ),
    '## Quirks',
    'The closed list of departures that the product knows how to live with.',
    ...quirkKinds.map((kind) =>
      quirkSection(
        kind,
        files.flatMap(({ profiles }) => profiles),
      ),
    ),
    '## Taken from every charger',
    table(
      ['Some chargers', 'So', 'Where'],
      tolerances.map(({ does, weDo, where }) => [does, weDo, where]),
    ),
    '## Profiles',
    'Evidence is a public report (`models/README.md` says which tracker a letter stands for) or a frame recorded from a real charger.',
    ...files.map(({ vendor, profiles }) =>
      [`### ${vendor}`, ...profiles.map(profileSection)].join('\n\n'),
    ),
  ].join('\n\n')
}

const forms = { truth: 'true or false', number: 'a number', texts: 'words' } as const

function quirkSection(kind: QuirkKind, profiles: readonly ModelProfile[]): string {
  const { does, weDo, fields } = quirkCatalogue[kind]
  const having = profiles.filter(({ quirks = [] }) => quirks.some(({ quirk }) => quirk === kind))
  const names = Object.keys(fields)
  return [
    `### ${kind}`,
    `It ${does}.`,
    `What we do: ${weDo}.`,
    ...(names.length === 0 ? [] : [`Parameters: ${names.map((one) => `\`${one}\``).join(', ')}.`]),
    `Known of: ${having.map(({ id }) => id).join(', ')}.`,
  ].join('\n\n')
}

function profileSection({
  id,
  title,
  match,
  quirks = [],
  vendorMessages = [],
}: ModelProfile): string {
  const { vendor, model, firmware, versions } = match
  const fits = [
    ...(vendor === undefined ? [] : [`vendor ${quoted(vendor)}`]),
    ...(model === undefined ? [] : [`model ${quoted(model)}`]),
    ...(firmware === undefined ? [] : [`firmware ${rangeText(firmware)}`]),
    ...(versions === undefined ? [] : [`on OCPP ${versions.join(', ')}`]),
  ]
  const rows = quirks.map(({ quirk, why, evidence, ...parameters }) => [
    quirk,
    Object.entries(parameters)
      .map(
        ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
      .join(', '),
    why,
    evidence.join(', '),
  ])
  return [
    `**${id}**: ${title}. Fits ${fits.join(', ')}.`,
    table(['Quirk', 'Parameters', 'Seen', 'Evidence'], rows),
    ...(vendorMessages.length === 0
      ? []
      : [
          table(
            ['Vendor message', 'Why'],
            vendorMessages.map(({ vendorId, messageId, why }) => [
              messageId === undefined ? vendorId : `${vendorId} ${messageId}`,
              why,
            ]),
          ),
        ]),
  ].join('\n\n')
}

function quoted(patterns: readonly string[]): string {
  return patterns.map((one) => `\`${one === '' ? '(none told)' : one}\``).join(' or ')
}

function rangeText({ from, to, below }: NonNullable<ModelProfile['match']['firmware']>): string {
  return [
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ].join(' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The text of models/vendor-file.schema.json. */
export function vendorFileSchemaText(): string {
  return `${JSON.stringify(vendorFileSchema, null, 2)}\n`
}

if (import.meta.main) {
  const file = new URL('../models/vendor-file.schema.json', import.meta.url)
  writeFileSync(file, vendorFileSchemaText())
  console.log('models/vendor-file.schema.json was written; format it with prettier')
}
