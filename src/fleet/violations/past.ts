import { said, sentence } from '../timeline/say.ts'
import type { Past } from '../timeline/sources.ts'

/** Folded: those of one kind and action within one hour are one entry, which stands where the last one came. */
export const violationsPast: Past = {
  name: 'violation',
  kind: 'violation',
  select: `
    select max(at) as at, lpad(max(id)::text, 15, '0') as id, jsonb_strip_nulls(jsonb_build_object(
      'violation', kind, 'action', action, 'times', count(*),
      'example', (array_agg(detail order by id desc))[1])) as detail
    from violation where charger = $1
    group by kind, action, date_trunc('hour', at, 'UTC')`,
  sentence: (detail) => {
    const times = detail['times'] === 1 ? 'A violation' : `${said(detail, 'times')} violations`
    const action = said(detail, 'action')
    const where = action === undefined ? '' : ` in ${action}`
    const kind = said(detail, 'violation')
    return sentence(`${times} of OCPP${where} (${kind})`, said(detail, 'example'))
  },
}
