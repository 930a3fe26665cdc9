import { Command, Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { given, several } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { exportCommand, importCommand } from './charger-files.ts'
import { capabilitiesCommand } from './capabilities.ts'
import { connectionsCommand, violationsCommand } from './charger-history.ts'
import { chargerColumns, portrait } from './charger-view.ts'
import { watchCommand } from './charger-watch.ts'
import { credentialFrom, credentialOption, sayCredential } from './credential.ts'
import {
  allOption,
  conditionOption,
  groupOption,
  limitOption,
  modelOption,
  noun,
  reasonOption,
  statusOption,
  tagOption,
} from './options.ts'
import { securityCommand } from './charger-security.ts'
import { timelineCommand } from './timeline.ts'
import { traceCommand } from './trace.ts'

export const ocppVersions = ['1.6', '2.0.1', '2.1'] as const satisfies NonNullable<
  Schemas['ChargerPatch']['assumeProtocol']
>[]

export function chargersCommand(world: World): Command {
  return noun(
    'chargers',
    'The chargers of the fleet.',
    list(world),
    show(world),
    watchCommand(world),
    add(world),
    update(world),
    remove(world),
    replaceCredential(world),
    securityCommand(world),
    importCommand(world),
    exportCommand(world),
    violationsCommand(world),
    capabilitiesCommand(world),
    connectionsCommand(world),
    timelineCommand(world),
    traceCommand(world),
  )
}

function list(world: World) {
  return new Command('list')
    .description('List chargers, sorted by identity.')
    .addOption(groupOption())
    .addOption(tagOption())
    .addOption(modelOption())
    .addOption(statusOption())
    .addOption(conditionOption())
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ group, tag, model, status, condition, limit, all }, command) => {
      const { server, out } = session(world, command)
      const selection = given({ group, tag, model, status, condition })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/chargers', { params: { query: { ...selection, ...paging } } }),
        ),
      )
      const anything = Object.keys(selection).length > 0
      out.list(page, {
        what: 'chargers',
        key: ({ identity }) => identity,
        columns: chargerColumns(server.now()),
        empty: anything
          ? 'No charger matches. See them all with: otactl chargers list'
          : 'There are no chargers yet. Add one with: otactl chargers add <identity>\nOne that tried to connect already waits in: otactl waiting-room list',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show one charger: connectors, sessions, faults, meter values, connections.')
    .argument('<identity>')
    .action(async (identity, _options, command) => {
      const { server, out } = session(world, command)
      const { ask, api } = server
      const params = { path: { identity } }
      const charger = await ask(api.GET('/api/v1/chargers/{identity}', { params }))
      const [sessions, faults, connections, commands] = await Promise.all([
        ask(
          api.GET('/api/v1/sessions', {
            params: { query: { charger: identity, state: 'running', limit: 20 } },
          }),
        ),
        ask(
          api.GET('/api/v1/faults', {
            params: { query: { charger: identity, open: true, limit: 20 } },
          }),
        ),
        ask(
          api.GET('/api/v1/chargers/{identity}/connections', {
            params: { ...params, query: { limit: 3 } },
          }),
        ),
        ask(api.GET('/api/v1/commands', { params: { query: { charger: identity, limit: 3 } } })),
      ])
      const whole = {
        ...charger,
        runningSessions: sessions.items,
        openFaults: faults.items,
        connections: connections.items,
        commands: commands.items,
      }
      out.show(
        whole,
        () => portrait(whole, out, server.now()),
        () => visible(identity),
      )
    })
}

function add(world: World) {
  return new Command('add')
    .description('Register a charger. Without --credential one is made and shown, this once.')
    .argument('<identity>', 'the last part of the address the charger connects to')
    .option('--group <path>', 'the group it belongs to, e.g. North/Hamburg/Depot 1')
    .addOption(new Option('--tag <tag>', 'a word to select by (repeatable)').argParser(several))
    .addOption(credentialOption())
    .addOption(new Option('--assume-protocol <version>', assumed).choices(ocppVersions))
    .action(async (identity, { group, tag, credential, assumeProtocol }, command) => {
      const { server, out } = session(world, command)
      const body = {
        identity,
        ...given({
          group,
          tags: tag,
          assumeProtocol,
          credential: await credentialFrom(world, credential),
        }),
      }
      const made = await server.ask(server.api.POST('/api/v1/chargers', { body }))
      await sayRegistered({ server, out, world }, made)
    })
}
const assumed = 'OCPP version to speak if the charger names none'

/** Says that a charger is registered, its credential if one was made, and where it connects to. */
export async function sayRegistered(
  { server, out }: Session,
  made: Schemas['RegisteredCharger'],
): Promise<void> {
  const { identity, credential, group } = made
  if (out.json || out.quiet)
    return out.show(
      made,
      () => '',
      () => visible(credential ?? identity),
    )
  out.say(`${visible(identity)} is registered${group === null ? '' : ` in ${visible(group)}`}.`)
  if (credential !== undefined) sayCredential(out, credential)
  const system = await server.ask(server.api.GET('/api/v1/system')).catch(() => undefined)
  const address = system?.listeners['chargers']
  if (address !== undefined) {
    const host = address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, server.url.hostname)
    out.note(`It connects to ws://${host}/ocpp/${encodeURIComponent(identity)}`)
  }
}

function update(world: World) {
  return new Command('update')
    .description(
      'Change a charger’s group, tags, assumed protocol or registration. What is not named stays.',
    )
    .argument('<identity>')
    .option('--group <path>', 'move it to this group')
    .option('--no-group', 'take it out of its group')
    .addOption(
      new Option('--tag <tag>', 'replace all tags by this one (repeatable)').argParser(several),
    )
    .addOption(new Option('--add-tag <tag>', 'add a tag (repeatable)').argParser(several))
    .addOption(new Option('--remove-tag <tag>', 'remove a tag (repeatable)').argParser(several))
    .addOption(new Option('--assume-protocol <version>', assumed).choices(ocppVersions))
    .option('--no-assume-protocol', 'expect the charger to name its version')
    .addOption(
      new Option(
        '--registration <answer>',
        'how its next boot is answered; pending: only configuration is allowed',
      ).choices(['accept', 'pending', 'reject'] as const),
    )
    .action(async (identity, options, command) => {
      const { server, out } = session(world, command)
      const patch = given({
        group: orNull(options.group),
        assumeProtocol: orNull(options.assumeProtocol),
        registration: options.registration,
        tags: await newTags(identity, options),
      })
      if (Object.keys(patch).length === 0)
        throw usage(
          'there is nothing to change: name a group, tags, an assumed protocol or a registration',
        )
      const charger = await server.ask(
        server.api.PATCH('/api/v1/chargers/{identity}', {
          params: { path: { identity } },
          body: patch,
        }),
      )
      out.show(charger, () => out.tabled([charger], chargerColumns(server.now())))

      async function newTags(
        of: string,
        { tag, addTag = [], removeTag = [] }: typeof options,
      ): Promise<string[] | undefined> {
        if (addTag.length + removeTag.length === 0) return tag
        if (tag !== undefined)
          throw usage('--tag replaces all tags: it does not go with --add-tag or --remove-tag')
        const before = await server.ask(
          server.api.GET('/api/v1/chargers/{identity}', { params: { path: { identity: of } } }),
        )
        const kept = before.tags.filter((one) => !removeTag.includes(one))
        return [...new Set([...kept, ...addTag])]
      }
    })
}

/** An option turned off with `--no-` takes the value away. */
function orNull<T>(value: T | false): T | null {
  return value === false ? null : value
}

function remove(world: World) {
  return new Command('remove')
    .description('Remove a charger: it is disconnected and admitted no more. Its record stays.')
    .argument('<identity>')
    .addOption(reasonOption())
    .action(async (identity, { reason }, command) => {
      const { server, out } = session(world, command)
      await server.done(
        server.api.DELETE('/api/v1/chargers/{identity}', {
          params: { path: { identity }, query: { reason } },
        }),
      )
      out.show({ identity, removed: true }, () => `${visible(identity)} is removed.`)
    })
}

function replaceCredential(world: World) {
  return new Command('credential')
    .description('Give a charger a new credential. The old one stops working at once.')
    .argument('<identity>')
    .addOption(credentialOption())
    .addHelpText(
      'after',
      '\nThe charger itself is not told: it needs the new credential before it can connect again.',
    )
    .action(async (identity, options, command) => {
      const { server, out } = session(world, command)
      const body = given({ credential: await credentialFrom(world, options.credential) })
      const made = await server.ask(
        server.api.POST('/api/v1/chargers/{identity}/credential', {
          params: { path: { identity } },
          body,
        }),
      )
      if (out.json || out.quiet)
        return out.show(
          made,
          () => '',
          () => visible(made.credential),
        )
      out.say(`${visible(identity)} has a new credential; the old one works no more.`)
      if (options.credential === undefined) sayCredential(out, made.credential)
    })
}
