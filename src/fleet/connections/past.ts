import { afterWords, said, sentence } from '../timeline/say.ts'
import type { Past } from '../timeline/sources.ts'
import { explainEnd } from './explain.ts'

export const connectionsPast: readonly Past[] = [
  {
    name: 'connection.closed',
    kind: 'connection',
    select: `
      select closed_at as at, lpad(epoch::text, 15, '0') as id, jsonb_build_object(
        'event', 'closed', 'epoch', epoch, 'reason', reason, 'detail', detail,
        'lastedMs', round(extract(epoch from closed_at - opened_at) * 1000)) as detail
      from connection where charger = $1 and closed_at is not null`,
    sentence: (detail) => {
      const why = explainEnd(said(detail, 'reason') ?? null, said(detail, 'detail') ?? null)
      return `The connection ended${afterWords(detail)}. ${why ?? ''}`.trim()
    },
  },
  {
    name: 'connection.opened',
    kind: 'connection',
    select: `
      select opened_at as at, lpad(epoch::text, 15, '0') as id, jsonb_build_object(
        'event', 'opened', 'epoch', epoch, 'protocol', protocol, 'remoteAddress', remote_address,
        'gateway', gateway) as detail
      from connection where charger = $1`,
    sentence: (detail) =>
      sentence(
        `It connected with ${said(detail, 'protocol')} from ${said(detail, 'remoteAddress')}`,
      ),
  },
]
