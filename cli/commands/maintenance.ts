import { Command, Option } from '@commander-js/extra-typings'
import { parseDuration, parseFuture } from '../duration.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { given } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { lookUntil } from '../wire/look-until.ts'
import { gather } from '../wire/pages.ts'
import type { World } from '../world.ts'
import { askFor } from './approvals.ts'
import {
  maintenanceColumns,
  maintenanceText,
  reportText,
  standingText,
} from './maintenance-view.ts'
import type { Maintenance } from './maintenance-view.ts'
import {
  allOption,
  groupOption,
  limitOption,
  modelOption,
  noun,
  reasonOption,
  statusOption,
  tagOption,
} from './options.ts'
import { confirmed, targetOf, type Target } from './run-targets.ts'

export function maintenanceCommand(world: World): Command {
  return noun(
    'maintenance',
    'Chargers out of service on somebody’s word, kept there over reboots.',
    enter(world),
    leave(world),
    list(world),
    show(world),
  )
}

const selectGroup = 'Which chargers, where they are not named:'

function withSelection(command: Command) {
  return command
    .argument('[identity...]', 'the chargers; - reads identities from standard input, one a line')
    .addOption(groupOption().helpGroup(selectGroup))
    .addOption(tagOption().helpGroup(selectGroup))
    .addOption(modelOption().helpGroup(selectGroup))
    .addOption(statusOption().helpGroup(selectGroup))
}

function takeOverOption() {
  return new Option('--take-over', 'also where somebody else holds it')
}
function yesOption() {
  return new Option('-y, --yes', 'do not ask where several chargers are meant')
}
function waitOption() {
  return new Option('--wait', 'until the charger shows it, or does not follow')
}
function timeoutOption() {
  return new Option('--timeout <duration>', 'with --wait: no longer than this').argParser(
    parseDuration,
  )
}

function enter(world: World) {
  return withSelection(
    new Command('enter').description(
      'Put chargers under maintenance, or change how they are.\n\nIn force at once: starts are refused and automation stays away. What was out of service before stays so afterwards.',
    ),
  )
    .addOption(reasonOption())
    .addOption(
      new Option('--until <when>', 'when it ends by itself: 2h, or ISO 8601').argParser(
        parseFuture(() => world.now()),
      ),
    )
    .addOption(
      new Option(
        '--sessions <choice>',
        'running sessions are waited for, or stopped first',
      ).choices(['wait', 'stop'] as const),
    )
    .addOption(takeOverOption())
    .addOption(new Option('--ticket <id>', 'where it is agreed, e.g. a work order'))
    .addOption(
      new Option('--request-approval', 'ask others to agree first; it is done when they have'),
    )
    .addOption(waitOption())
    .addOption(timeoutOption())
    .addOption(yesOption())
    .action(async (identities, options, command) => {
      const { reason, until, sessions, takeOver, ticket, requestApproval, wait, timeout } = options
      const asking = session(world, command)
      const target = await meant(asking, identities, options, 'Put under maintenance')
      if (requestApproval === true) {
        const content = { target, ...given({ until, sessions, takeOver }) }
        await askFor(asking, { kind: 'maintenance', content, reason, ...given({ ticket }) })
        return
      }
      const wish = { reason, ...given({ until, sessions, takeOver, ticket }) }
      const only = onlyOne(target)
      const { server, out } = asking
      if (only === undefined) {
        const body = { target, ...wish }
        const report = await server.ask(server.api.POST('/api/v1/maintenance', { body }))
        out.show(report, () => reportText(report, true))
        if (report.held > 0) world.conclude(exitCodes.notDone)
        return
      }
      const params = { path: { identity: only } }
      const made = await server.ask(
        server.api.PUT('/api/v1/chargers/{identity}/maintenance', { params, body: wish }),
      )
      await tell(asking, made, wait === true, timeout, 'out-of-service')
    })
}

function leave(world: World) {
  return withSelection(
    new Command('leave').description(
      'End the maintenance of chargers: they are put back exactly as they were before.',
    ),
  )
    .addOption(reasonOption())
    .addOption(takeOverOption())
    .addOption(waitOption())
    .addOption(timeoutOption())
    .addOption(yesOption())
    .action(async (identities, options, command) => {
      const { reason, takeOver, wait, timeout } = options
      const asking = session(world, command)
      const target = await meant(asking, identities, options, 'End the maintenance')
      const wish = { reason, ...given({ takeOver }) }
      const only = onlyOne(target)
      const { server, out } = asking
      if (only === undefined) {
        const body = { target, ...wish }
        const report = await server.ask(server.api.POST('/api/v1/maintenance/leave', { body }))
        out.show(report, () => reportText(report, false))
        if (report.held > 0) world.conclude(exitCodes.notDone)
        return
      }
      const params = { path: { identity: only }, query: wish }
      const made = await server.ask(
        server.api.DELETE('/api/v1/chargers/{identity}/maintenance', { params }),
      )
      await tell(asking, made, wait === true, timeout, 'back')
    })
}

function meant(
  asking: Session,
  identities: readonly string[],
  options: Parameters<typeof targetOf>[2] & { readonly yes?: true },
  title: string,
): Promise<Target> {
  return targetOf(asking.world, identities, options).then((target) =>
    confirmed(
      asking,
      { name: 'maintenance', title, risk: 'disruptive' },
      target,
      options.yes === true,
    ),
  )
}

function onlyOne(target: Target): string | undefined {
  return 'chargers' in target && target.chargers.length === 1 ? target.chargers[0] : undefined
}

/** Says how it stands, or waits until the charger shows it. */
async function tell(
  asking: Session,
  made: Maintenance,
  wait: boolean,
  timeoutMs: number | undefined,
  wanted: 'out-of-service' | 'back',
): Promise<void> {
  const { out, server, world } = asking
  const { charger } = made
  if (!wait) {
    out.show(made, () => maintenanceText(made, out, server.now()))
    return out.note(`See how it goes on with: otactl maintenance show ${visible(charger)}`)
  }
  const params = { path: { identity: charger } }
  let last = ''
  const seen = await lookUntil({
    world,
    timeoutMs,
    goesOn: 'the charger is looked after all the same',
    look: () =>
      server
        .ask(server.api.GET('/api/v1/chargers/{identity}/maintenance', { params }))
        .catch((error: unknown) => {
          // Put back, the maintenance is gone.
          const gone = error instanceof Failure && error.exitCode === exitCodes.notFound
          if (gone && wanted === 'back') return 'back' as const
          throw error
        }),
    onLook(now) {
      const text = now === 'back' ? 'back as it was before' : standingText(now)
      if (text !== last) out.note(`${visible(charger)}: ${text}`)
      last = text
    },
    isOver: (now) =>
      now === 'back' ? true : now.standing === wanted || now.standing === 'not-following',
  })
  if (seen === 'back')
    return out.show(
      { charger, state: 'back' },
      () => `${visible(charger)} is back as it was before.`,
    )
  out.show(seen, () => maintenanceText(seen, out, server.now()))
  if (seen.standing === 'not-following') world.conclude(exitCodes.notDone)
}

function list(world: World) {
  return new Command('list')
    .description('List chargers under maintenance, and those being put back.')
    .addOption(new Option('--state <state>', 'only these').choices(['held', 'leaving'] as const))
    .addOption(
      new Option('--standing <standing>', 'only those that stand so').choices([
        'not-connected',
        'going-out',
        'waiting-for-sessions',
        'out-of-service',
        'coming-back',
        'not-following',
      ] as const),
    )
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ state, standing, ...extent }, command) => {
      const { server, out } = session(world, command)
      const filter = given({ state, standing })
      const page = await gather(extent, (paging) =>
        server.ask(
          server.api.GET('/api/v1/maintenance', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'chargers',
        key: ({ charger }) => charger,
        columns: maintenanceColumns(server.now()),
        empty: 'No charger is under maintenance.',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show the maintenance of a charger: who, why, how it stands, how it was before.')
    .argument('<identity>')
    .action(async (identity, _options, command) => {
      const { server, out } = session(world, command)
      const params = { path: { identity } }
      const one = await server.ask(
        server.api.GET('/api/v1/chargers/{identity}/maintenance', { params }),
      )
      out.show(
        one,
        () => maintenanceText(one, out, server.now()),
        () => one.standing,
      )
    })
}
