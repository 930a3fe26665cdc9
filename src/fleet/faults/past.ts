import { afterWords, placeWords, said, sentence } from '../timeline/say.ts'
import type { Past } from '../timeline/sources.ts'

export const faultsPast: Past = {
  name: 'fault',
  kind: 'fault',
  select: `
    select since as at, 'raised:' || id as id, jsonb_strip_nulls(jsonb_build_object(
      'event', 'raised', 'fault', id, 'evse', evse, 'connector', connector, 'code', code,
      'info', info, 'vendorCode', vendor_code)) as detail
    from fault where charger = $1
    union all
    select cleared_at, 'cleared:' || id, jsonb_build_object(
      'event', 'cleared', 'fault', id, 'evse', evse, 'connector', connector, 'code', code,
      'lastedMs', round(extract(epoch from cleared_at - since) * 1000))
    from fault where charger = $1 and cleared_at is not null`,
  sentence: (detail) => {
    const code = said(detail, 'code') ?? 'unknown'
    const place = placeWords(detail)
    if (detail['event'] === 'cleared')
      return sentence(`Fault ${code} of ${place} is over${afterWords(detail)}`)
    const vendorCode = said(detail, 'vendorCode')
    const aside = vendorCode === undefined ? undefined : `vendor code ${vendorCode}`
    return sentence(`Fault ${code} of ${place}`, said(detail, 'info'), aside)
  },
}
