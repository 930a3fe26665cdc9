import type { JsonObject } from '../../kernel/json.ts'
import { placeWords, said, sentence } from '../timeline/say.ts'
import type { Past } from '../timeline/sources.ts'
import type { Notice } from '../fleet.ts'

/** Vendor messages stay out: some chargers send them by the minute, and nobody knows what they mean. */
export const noticesPast: readonly Past[] = [
  { name: 'boot', kind: 'boot', select: selectOf('charger.booted'), sentence: bootSentence },
  {
    name: 'job',
    kind: 'job',
    select: selectOf('firmware.status', 'firmware.publication', 'log.status', 'diagnostics.status'),
    sentence: jobSentence,
  },
  {
    name: 'monitor',
    kind: 'monitor',
    select: selectOf('monitor.event'),
    sentence: monitorSentence,
  },
  {
    name: 'security',
    kind: 'security',
    select: selectOf('security.event'),
    sentence: (detail) => sentence(`Security event ${said(detail, 'type')}`, said(detail, 'info')),
  },
]

function selectOf(...kinds: readonly Notice['kind'][]): string {
  const list = kinds.map((kind) => `'${kind}'`).join(', ')
  return `
    select coalesce(at, received_at) as at, id::text as id,
           detail || jsonb_build_object('notice', kind) as detail
    from notice where charger = $1 and kind in (${list})`
}

function bootSentence(detail: JsonObject): string {
  const firmware = said(detail, 'firmware')
  const aside = firmware === undefined ? undefined : `firmware ${firmware}`
  if (detail['provoked'] === true)
    return sentence('It told its boot again, because it was asked to', undefined, aside)
  return sentence('It started', said(detail, 'reason'), aside)
}

const jobs: Readonly<Record<string, string>> = {
  'firmware.status': 'Firmware update',
  'firmware.publication': 'Firmware publication',
  'log.status': 'Log upload',
  'diagnostics.status': 'Diagnostics upload',
}

function jobSentence(detail: JsonObject): string {
  const job = jobs[said(detail, 'notice') ?? ''] ?? 'Job'
  const request = said(detail, 'requestId')
  const aside = request === undefined ? undefined : `request ${request}`
  return sentence(job, said(detail, 'status'), aside)
}

function monitorSentence(detail: JsonObject): string {
  const what = `${said(detail, 'component')} ${said(detail, 'variable')} of ${placeWords(detail)}`
  const value = said(detail, 'value')
  const severity = said(detail, 'severity')
  const asides = [
    said(detail, 'trigger'),
    severity === undefined ? undefined : `severity ${severity}`,
    said(detail, 'code'),
    said(detail, 'info'),
  ].filter((aside) => aside !== undefined)
  const aside = asides.length === 0 ? undefined : asides.join(', ')
  const over = detail['cleared'] === true ? ' is over' : ''
  const now = value === undefined ? '' : over === '' ? ` is ${value}` : `, now ${value}`
  return sentence(`${what}${over}${now}`, undefined, aside)
}
