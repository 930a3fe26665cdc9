import { Command, Option } from '@commander-js/extra-typings'
import { given, wholeNumber } from '../option-values.ts'
import { session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { moment } from '../terminal/time.ts'
import type { World } from '../world.ts'

/** As much of an OCPP 2.x charging profile as the table shows. */
interface Profile {
  readonly id?: number
  readonly evseId?: number
  readonly stackLevel?: number
  readonly chargingProfilePurpose?: string
  readonly chargingProfileKind?: string
  readonly chargingLimitSource?: string
  readonly chargingSchedule?: readonly {
    readonly chargingRateUnit?: string
    readonly chargingSchedulePeriod?: readonly { readonly limit?: number }[]
  }[]
}

const columns: readonly Column<Profile>[] = [
  { title: 'ID', align: 'right', cell: ({ id }) => id ?? null },
  { title: 'EVSE', align: 'right', cell: ({ evseId }) => evseId ?? null },
  { title: 'PURPOSE', cell: ({ chargingProfilePurpose }) => chargingProfilePurpose ?? null },
  { title: 'LEVEL', align: 'right', cell: ({ stackLevel }) => stackLevel ?? null },
  { title: 'KIND', cell: ({ chargingProfileKind }) => chargingProfileKind ?? null, leaveOut: 2 },
  { title: 'LIMITS', cell: limits, least: 10 },
  { title: 'SOURCE', cell: ({ chargingLimitSource }) => chargingLimitSource ?? null, leaveOut: 1 },
]

function limits({ chargingSchedule = [] }: Profile): string {
  return chargingSchedule
    .map(({ chargingRateUnit = '', chargingSchedulePeriod = [] }) => {
      const values = chargingSchedulePeriod.map(({ limit }) => limit ?? '-')
      return `${values.join(', ')} ${chargingRateUnit}`
    })
    .join('; ')
}

export function chargingProfilesCommand(world: World) {
  return new Command('charging-profiles')
    .description('Show the charging profiles an OCPP 2.x charger told (otactl run profile.list).')
    .argument('<charger>')
    .addOption(
      new Option('--request <id>', 'the list with this requestId; the newest without it').argParser(
        wholeNumber(1, 2_147_483_647),
      ),
    )
    .action(async (identity, { request }, command) => {
      const { server, out } = session(world, command)
      const params = { path: { identity }, query: given({ requestId: request }) }
      const told = await server.ask(
        server.api.GET('/api/v1/chargers/{identity}/charging-profiles', { params }),
      )
      out.show(told, () =>
        [
          `${told.profiles.length} told ${moment(told.receivedAt, server.now())}${told.complete ? '' : ', some missing'}`,
          ...(told.profiles.length === 0 ? [] : [out.tabled(told.profiles, columns)]),
        ].join('\n'),
      )
    })
}
