import { Command, Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { allOption, limitOption, reasonOption } from './options.ts'
import { assignmentColumns, targetText } from './token-list-view.ts'

type Kind = Schemas['NewTokenAssignment']['kind']

interface Named {
  readonly charger?: string | undefined
  readonly tag?: string | undefined
  readonly group?: string | undefined
  readonly everywhere?: true | undefined
}

const toCharger = () => new Option('--charger <identity>', 'for this charger')
const toTag = () => new Option('--tag <tag>', 'for chargers with this tag')
const toGroup = () => new Option('--group <path>', 'for chargers in this group and below')
const toAll = () => new Option('--everywhere', 'for every charger without a narrower one')

/** The one target that is named. */
function targetOf({ charger, tag, group, everywhere }: Named): { kind: Kind; name?: string } {
  const named: { kind: Kind; name?: string }[] = [
    ...(charger === undefined ? [] : [{ kind: 'charger' as const, name: charger }]),
    ...(tag === undefined ? [] : [{ kind: 'tag' as const, name: tag }]),
    ...(group === undefined ? [] : [{ kind: 'group' as const, name: group }]),
    ...(everywhere === true ? [{ kind: 'everywhere' as const }] : []),
  ]
  const [only] = named
  if (only === undefined || named.length > 1)
    throw usage('name one of --charger, --tag, --group and --everywhere')
  return only
}

export function assignCommand(world: World) {
  return new Command('assign')
    .description('Say whose a list is, in place of the one they had. It counts at once.')
    .argument('<list>')
    .addOption(toCharger())
    .addOption(toTag())
    .addOption(toGroup())
    .addOption(toAll())
    .addOption(reasonOption())
    .addHelpText(
      'after',
      '\nThe narrower one counts: a charger’s own list, that of a tag, of the nearest group, of everybody.',
    )
    .action(async (list, { reason, ...named }, command) => {
      const { server, out } = session(world, command)
      const body = { list, ...targetOf(named), reason }
      const made = await server.ask(server.api.POST('/api/v1/token-assignments', { body }))
      out.show(made, () => `${visible(list)} is for ${visible(targetText(made) ?? '')} now.`)
      out.note(`What chargers decide by themselves changes with: otactl token-lists push ${list}`)
    })
}

export function unassignCommand(world: World) {
  return new Command('unassign')
    .description('Take an assignment away: what is wider counts from then on.')
    .addOption(toCharger())
    .addOption(toTag())
    .addOption(toGroup())
    .addOption(toAll())
    .addOption(reasonOption())
    .action(async ({ reason, ...named }, command) => {
      const { server, out } = session(world, command)
      const target = targetOf(named)
      await server.done(
        server.api.DELETE('/api/v1/token-assignments', {
          params: { query: { ...target, reason } },
        }),
      )
      const whom = targetText({ kind: target.kind, name: target.name ?? null }) ?? ''
      out.show(
        { ...target, unassigned: true },
        () => `${visible(whom)} has no list of its own now.`,
      )
    })
}

export function assignmentsCommand(world: World) {
  return new Command('assignments')
    .description('List whom the lists are for.')
    .option('--list <list>', 'only of this list')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ list, ...extent }, command) => {
      const { server, out } = session(world, command)
      const filter = list === undefined ? {} : { list }
      const page = await gather(extent, (paging) =>
        server.ask(
          server.api.GET('/api/v1/token-assignments', {
            params: { query: { ...filter, ...paging } },
          }),
        ),
      )
      out.list(page, {
        what: 'assignments',
        key: (one) => `${one.list}\t${targetText(one) ?? ''}`,
        columns: assignmentColumns(server.now()),
        empty: 'No list is assigned: every charger accepts every token.',
      })
    })
}
