import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { describeApi } from '../src/api/description.ts'
import { openMetrics } from '../src/api/metrics.ts'
import { problemExplanations } from '../src/api/problem-explanations.ts'
import { describeOperation } from '../src/api/routes/operations.ts'
import { problemCatalogue, type ProblemCode } from '../src/kernel/problem.ts'
import { describeSettings } from '../src/kernel/settings.ts'
import { operations } from '../src/operations/catalogue.ts'
import { coveragePage } from '../src/operations/coverage.ts'
import { versions } from '../src/ocpp/versions.ts'
import { conformancePage } from '../test/conformance/conformance-page.ts'
import { detectionPage } from './generate-detection-page.ts'
import { guardsPage } from './generate-guards-page.ts'
import { modelsPage } from './generate-models-page.ts'
import { rolesPage } from './generate-roles-page.ts'

const root = join(import.meta.dirname, '..')
const folder = 'docs/reference'

/** Every generated page by its path from the repository's root. */
export async function generatedDocs(): Promise<Map<string, string>> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const document = await describeApi(operations, version)
  const pages: [string, string][] = [
    ['openapi.json', JSON.stringify(document)],
    ['api.md', apiPage(document)],
    ['errors.md', errorsPage()],
    ['operations.md', operationsPage()],
    ['metrics.md', metricsPage()],
    ['settings.md', settingsPage()],
    ['roles.md', rolesPage(notice, table)],
    ['models.md', modelsPage()],
    ['coverage.md', coveragePage()],
    ['conformance.md', conformancePage(notice)],
    ['guards.md', guardsPage(notice, table)],
    ['detection.md', await detectionPage(notice, table)],
  ]
  const done = new Map<string, string>()
  for (const [name, text] of pages) {
    const parser = name.endsWith('.json') ? 'json' : 'markdown'
    done.set(`${folder}/${name}`, await format(text, { parser, printWidth: 100 }))
  }
  return done
}

const notice = 'This page is generated from the code (`npm run docs`); change it there.'

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

interface Route {
  summary?: string
  tags?: string[]
  'x-permission'?: string
}

interface Described {
  paths?: Record<string, Record<string, Route>>
  tags?: { name: string; description?: string }[]
}

function apiPage(document: object): string {
  const { paths = {}, tags = [] } = document as Described
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => ({ path, method, ...route })),
  )
  const sections = tags.map(({ name, description = '' }) => {
    const rows = routes
      .filter((route) => route.tags?.includes(name))
      .map(({ method, path, summary = '', 'x-permission': permission = '' }) => [
        `\`${method.toUpperCase()} ${path}\``,
        summary,
        `\`${permission}\``,
      ])
    return `## ${name}\n\n${description}.\n\n${table(['Address', 'What it does', 'Permission'], rows)}`
  })
  return [
    '# API',
    notice,
    'The whole contract is [openapi.json](openapi.json) (OpenAPI 3.1). A running installation serves it at `/api/v1/openapi.json` and as a readable page at `/api/docs`, both without a token; signing in needs none either, and everything else `Authorization: Bearer <token or session>`, or a session’s cookie. The token of the robot `local` is in `<data folder>/owner-token`.',
    'Each address asks for one permission of the caller, by a role held where its charger or group is; `self` asks only to be signed in and concerns the caller alone, `open` asks for nothing. [Roles](roles.md) have permissions.',
    'Lists are paged: `limit` (1 to 500, 50 unless told) and `cursor`, which is the `nextCursor` of the page before; null means the last page. Errors are described in [errors.md](errors.md).',
    ...sections,
  ].join('\n\n')
}

function errorsPage(): string {
  const codes = Object.keys(problemCatalogue) as ProblemCode[]
  return [
    '# Errors',
    notice,
    'Every error of the API is `application/problem+json` (RFC 9457): `type` (the address of the code’s explanation), `title`, `status`, `code`, `detail`, `field` where one field is at fault, and `instance`, the request’s id. Decide by `code`: it is stable.',
    ...codes.map(
      (code) =>
        `## ${code}\n\n${problemCatalogue[code].title} (HTTP ${problemCatalogue[code].status}).\n\n${problemExplanations[code]}`,
    ),
  ].join('\n\n')
}

function operationsPage(): string {
  return [
    '# Operations',
    notice,
    'What can be asked of a charger. `GET /api/v1/operations` says the same to programs.',
    ...operations.map((operation) => {
      const shown = describeOperation(operation)
      const effect =
        shown.effect.seenIn === 'answer'
          ? 'The charger’s answer says all there is.'
          : `It has worked when this is seen: ${shown.effect.looksLike}.`
      return [
        `## ${shown.name}`,
        `**${shown.title}.** ${shown.description}`,
        table(
          ['Risk', 'Repeatable', 'Waits for an offline charger'],
          [[shown.risk, shown.repeatable ? 'yes' : 'no', duration(shown.expiresAfterSeconds)]],
        ),
        effect,
        ...(shown.undo === null ? [] : [`To undo: ${shown.undo}`]),
        table(
          ['OCPP', 'How'],
          versions.map((version) => {
            const { action, because } = shown.versions[version]
            return [version, action === undefined ? `not possible: ${because}` : `\`${action}\``]
          }),
        ),
        'Parameters (JSON Schema):',
        `\`\`\`json\n${JSON.stringify(shown.params, null, 2)}\n\`\`\``,
      ].join('\n\n')
    }),
  ].join('\n\n')
}

function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

function metricsPage(): string {
  const { registry } = openMetrics({ process: false })
  const metrics = registry
    .getMetricsAsArray()
    .map(
      (metric) =>
        metric as unknown as { name: string; help: string; type: string; labelNames?: string[] },
    )
  const rows = metrics.map(({ name, help, type, labelNames = [] }) => [
    `\`${name}\``,
    type,
    labelNames.map((label) => `\`${label}\``).join(', '),
    help,
  ])
  return [
    '# Metrics',
    notice,
    'Served for Prometheus at `/metrics` of the health listener. Besides these, the Node.js process’s own metrics (CPU, memory, event loop lag, garbage collection) under the prefix `ota_`.',
    table(['Name', 'Type', 'Labels', 'What it says'], rows.sort()),
  ].join('\n\n')
}

function settingsPage(): string {
  const rows = describeSettings().map((setting) => [
    `\`${setting.name}\``,
    setting.meaning,
    setting.values,
    setting.default,
  ])
  return [
    '# Settings',
    notice,
    'Settings come from the environment and are checked at start; what is wrong is named, and nothing is started.',
    table(['Variable', 'Meaning', 'Values', 'Unless set'], rows),
  ].join('\n\n')
}

async function main(check: boolean): Promise<void> {
  const pages = await generatedDocs()
  await mkdir(join(root, folder), { recursive: true })
  const stale: string[] = []
  for (const [path, text] of pages) {
    const now = await readFile(join(root, path), 'utf8').catch(() => undefined)
    if (now === text) continue
    stale.push(path)
    if (!check) await writeFile(join(root, path), text)
  }
  if (check && stale.length > 0) {
    console.error(`stale: ${stale.join(', ')}; run npm run docs`)
    process.exitCode = 1
  } else console.log(stale.length === 0 ? 'up to date' : `written: ${stale.join(', ')}`)
}

if (import.meta.main) await main(process.argv.includes('--check'))
