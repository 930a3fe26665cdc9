import type { NewId } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database.ts'
import { change } from '../../storage/database.ts'
import type { ConditionSettings } from '../conditions/condition.ts'
import type { Announce } from '../publish.ts'
import type { Heard, Report } from './report.ts'
import { writeReports } from './write.ts'

/** Where everything that chargers and gateways report comes in. */
export interface Reporting {
  /**
   * Durable when it resolves, together with whatever else is reported at the moment; told to whoever
   * watches after that. Repeating a report changes nothing.
   */
  hear(report: Report): Promise<Heard>
  /** The same for several, all or none. */
  hearAll(reports: readonly Report[]): Promise<readonly Heard[]>
}

export function openReporting(house: {
  readonly database: Database
  readonly newId: NewId
  readonly announce: Announce
  readonly conditionSettings: ConditionSettings
}): Reporting {
  const { database, announce } = house
  const write = writeReports(house)

  async function hearAll(reports: readonly Report[]): Promise<readonly Heard[]> {
    if (reports.length === 0) return []
    const heard = await database.commit(...reports.map((report) => change(write, report)))
    announce.happened(heard.flatMap(({ happened }) => happened))
    announce.changed(
      reports
        .filter((report, index) => heard[index]!.known && concernsFacts(report))
        .map(({ identity }) => identity),
    )
    return heard
  }

  return {
    hearAll,
    async hear(report) {
      return (await hearAll([report]))[0]!
    },
  }
}

/** Admissions and violations change nothing that commands are planned or judged by. */
function concernsFacts({ kind }: Report): boolean {
  return kind !== 'admitting' && kind !== 'violating'
}
