import { reasonLines } from '../reasons.ts'
import type { Session } from '../session.ts'
import { table } from '../terminal/table.ts'
import { counted, visible, visibleJson } from '../terminal/text.ts'
import type { Schemas } from '../wire/server.ts'

type Preview = Schemas['Preview']

/** Says what a command would do; nothing is submitted. */
export async function sayPreview(
  { out, server }: Session,
  asked: Schemas['PreviewRequest'],
): Promise<void> {
  const preview = await server.ask(server.api.POST('/api/v1/commands/preview', { body: asked }))
  out.show(
    preview,
    () => previewText(preview, out.paint),
    () => preview.targets.map(({ charger }) => visible(charger)).join('\n'),
  )
}

function previewText(preview: Preview, paint: Session['out']['paint']): string {
  const { operation, risk, total, can, waits, cannot, runningSessions } = preview
  const lines = [
    `${operation} (${risk}) for ${counted(total, 'charger')}: ${can} can now, ${waits} would wait, ${cannot} cannot.`,
  ]
  if (runningSessions > 0)
    lines.push(paint('warn', `${counted(runningSessions, 'session')} running there.`))
  lines.push(...decisionLines(preview.decision))
  if (total === 1) return [...lines, ...oneTarget(preview)].join('\n')
  if (preview.reasons.length > 0) lines.push('', reasonsTable(preview, paint))
  const [first] = preview.targets.filter(({ call }) => call !== null)
  if (first?.call != null)
    lines.push('', `For ${visible(first.charger)}, for example:`, `  ${callText(first.call)}`)
  lines.push('', 'Nothing was sent.')
  return lines.join('\n')
}

const words: Readonly<Record<Preview['decision']['outcome'], string>> = {
  allow: 'The policy allows it now.',
  'step-up': 'The policy allows it after a second factor was shown again:',
  approval: 'The policy allows it only as a request that others approved:',
  deny: 'The policy does not allow it:',
}

function decisionLines({ outcome, reasons }: Preview['decision']): string[] {
  if (outcome === 'allow') return [words.allow]
  return [words[outcome], ...reasonLines(reasons.filter(({ says }) => says !== 'allows'))]
}

function oneTarget({ targets: [target] }: Preview): string[] {
  if (target === undefined) return []
  const lines: string[] = []
  if (target.because !== null) {
    const where = target.field === null ? '' : ` (${visible(target.field)})`
    lines.push(`${visible(target.because)}${where}`)
  }
  if (target.call !== null) lines.push(callText(target.call))
  return [...lines, 'Nothing was sent.']
}

function callText({
  version,
  action,
  payload,
}: NonNullable<Preview['targets'][0]['call']>): string {
  return `${action} ${visibleJson(payload)} on OCPP ${version}`
}

function reasonsTable({ reasons }: Preview, paint: Session['out']['paint']): string {
  return table(
    reasons,
    [
      { title: 'CHARGERS', cell: ({ chargers }) => String(chargers) },
      {
        title: '',
        cell: ({ verdict }) => ({
          text: verdict === 'cannot' ? 'cannot' : 'would wait',
          tone: verdict === 'cannot' ? 'bad' : 'dim',
        }),
      },
      { title: 'BECAUSE', cell: ({ because }) => because, least: 30 },
      { title: 'FOR EXAMPLE', cell: ({ examples }) => examples.join(', '), leaveOut: 1 },
    ],
    { paint },
  )
}
