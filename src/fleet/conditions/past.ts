import type { JsonObject } from '../../kernel/json.ts'
import type { Past } from '../timeline/sources.ts'
import type { ConditionKind } from './condition.ts'
import { conditionOver, conditionSentence } from './words.ts'

export const conditionsPast: Past = {
  name: 'condition',
  kind: 'condition',
  select: `
    select raised_at as at, 'raised:' || id as id, jsonb_build_object(
      'event', 'raised', 'condition', kind, 'evidence', evidence) as detail
    from charger_condition where charger = $1
    union all
    select cleared_at, 'cleared:' || id, jsonb_build_object(
      'event', 'cleared', 'condition', kind,
      'lastedMs', round(extract(epoch from cleared_at - since) * 1000))
    from charger_condition where charger = $1 and cleared_at is not null`,
  sentence: (detail) => {
    const kind = detail['condition'] as ConditionKind
    if (detail['event'] === 'cleared') return conditionOver(kind, Number(detail['lastedMs']))
    return conditionSentence(kind, detail['evidence'] as JsonObject)
  },
}
