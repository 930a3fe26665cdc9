import { Command, Option } from '@commander-js/extra-typings'
import { parseFuture } from '../duration.ts'
import { usage } from '../failure.ts'
import { given } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { reasonOption } from './options.ts'

const tokenTypes = [
  'Central',
  'eMAID',
  'EVCCID',
  'ISO14443',
  'ISO15693',
  'KeyCode',
  'Local',
  'MacAddress',
  'VIN',
] as const satisfies NonNullable<Schemas['TokenRow']['type']>[]

type Changes = Omit<Schemas['TokenChanges'], 'reason'>

async function change(
  { server, out }: Session,
  list: string,
  changes: Changes,
  reason: string,
): Promise<void> {
  const report = await server.ask(
    server.api.POST('/api/v1/token-lists/{list}/changes', {
      params: { path: { list } },
      body: { ...changes, reason },
    }),
  )
  out.show(
    report,
    () => reportText(list, report),
    () => String(report.revision),
  )
  if (report.added + report.changed + report.removed > 0)
    out.note(`Chargers that hold it are sent the change with: otactl token-lists push ${list}`)
}

export function reportText(
  list: string,
  { revision, added, changed, removed, unchanged }: Schemas['TokenChangeReport'],
): string {
  const counts = `${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged`
  return `${visible(list)}: ${counts}; revision ${revision}.`
}

export function addCommand(world: World) {
  const future = parseFuture(() => world.now())
  return new Command('add')
    .description('Put tokens on a list, or change those that are on it.')
    .argument('<list>')
    .argument('<token...>', 'as the charger reads it; compared without case')
    .addOption(
      new Option('--type <type>', 'what OCPP 2.x calls it; ISO14443 without it').choices(
        tokenTypes,
      ),
    )
    .option('--parent <token>', 'its group: who has the same one may stop its sessions')
    .addOption(new Option('--valid-from <when>', 'not before: 10d, or ISO 8601').argParser(future))
    .addOption(new Option('--valid-until <when>', 'expires: 90d, or ISO 8601').argParser(future))
    .option('--label <text>', 'whose it is')
    .addOption(reasonOption())
    .action(async (list, tokens, options, command) => {
      const { type, parent, validFrom, validUntil, label, reason } = options
      const row = given({ type, parent, validFrom, validUntil, label })
      if (label !== undefined && tokens.length > 1)
        throw usage('a label says whose one token is; add the tokens one by one')
      const put = tokens.map((token) => ({ token, ...row }))
      await change(session(world, command), list, { put }, reason)
    })
}

export function removeCommand(world: World) {
  return new Command('remove')
    .description('Take tokens off a list.')
    .argument('<list>')
    .argument('<token...>')
    .addOption(reasonOption())
    .action(async (list, tokens, { reason }, command) => {
      await change(session(world, command), list, { remove: tokens }, reason)
    })
}

export function blockCommand(world: World) {
  return new Command('block')
    .description('Block tokens. One that is not on the list is put on it, blocked.')
    .argument('<list>')
    .argument('<token...>')
    .addOption(reasonOption())
    .action(async (list, tokens, { reason }, command) => {
      const put = tokens.map((token) => ({ token, status: 'blocked' as const }))
      await change(session(world, command), list, { put }, reason)
    })
}

export function unblockCommand(world: World) {
  return new Command('unblock')
    .description('Accept tokens again that were blocked.')
    .argument('<list>')
    .argument('<token...>')
    .addOption(reasonOption())
    .action(async (list, tokens, { reason }, command) => {
      const put = tokens.map((token) => ({ token, status: 'accepted' as const }))
      await change(session(world, command), list, { put }, reason)
    })
}
