import type { Concerning } from './access.ts'

/** SQL for whether an assignment, the row `a`, concerns somebody. */
export function concerns(a: string, { chargers, groups }: Concerning, values: unknown[]): string {
  return `case ${a}.kind
    when 'charger' then ${chargers(`${a}.name`, values)}
    when 'group' then exists (
      select from unnest($${values.push(groups)}::text[]) as wanted
      where ${a}.name = wanted or starts_with(${a}.name, wanted || '/')
        or starts_with(wanted, ${a}.name || '/'))
    else true end`
}
