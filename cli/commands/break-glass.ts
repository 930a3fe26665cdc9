import { Command, Option } from '@commander-js/extra-typings'
import { Failure, usage } from '../failure.ts'
import { session, type Session } from '../session.ts'
import type { Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import { keptSessions } from '../wire/kept-sessions.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { allOption, limitOption, noun, reasonOption } from './options.ts'
import { needTerminal } from './sign-in.ts'
import { grantsText } from './tokens.ts'

type Account = Schemas['BreakGlassAccount']
type Use = Schemas['BreakGlassUse']

export function breakGlassCommand(world: World): Command {
  return noun(
    'break-glass',
    'Accounts for emergencies: opened with a sealed code, heard of by everybody, reviewed afterwards.',
    list(world),
    open(world),
    end(world),
    uses(world),
    review(world),
    seal(world),
    retire(world),
  )
}

function list(world: World) {
  return new Command('list')
    .description('List the accounts: what they allow, and whether they can be opened.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/break-glass/accounts'))
      const columns: readonly Column<Account>[] = [
        { title: 'ACCOUNT', cell: ({ name }) => name },
        {
          title: 'STATE',
          cell: ({ state }) => ({ text: state, tone: state === 'sealed' ? 'good' : 'warn' }),
        },
        { title: 'MINUTES', align: 'right', cell: ({ minutes }) => minutes },
        { title: 'CHARGERS', align: 'right', cell: ({ chargers }) => chargers },
        { title: 'ALLOWS', cell: ({ grants }) => grantsText(grants), least: 10 },
        {
          title: 'SEALED',
          cell: ({ sealedAt }) => (sealedAt === null ? '' : moment(sealedAt, server.now())),
          leaveOut: 1,
        },
      ]
      out.list(page, {
        what: 'accounts',
        key: ({ name }) => name,
        columns,
        empty:
          'No account is prepared. Ask for one with otactl approvals request break-glass; docs/how-to/break-glass.md shows how.',
      })
    })
}

function open(world: World) {
  return new Command('open')
    .description(
      'Open an account with the code from its envelope. Until it ends, otactl works with what it allows; everybody is told.',
    )
    .argument('<account>', 'its name')
    .addOption(reasonOption())
    .action(async (account, { reason }, command) => {
      needTerminal(world)
      const { server, out } = session(world, command)
      const code = (await world.input.askSecret('Code: ', world.interrupted)).trim()
      const opened = await server.ask(
        server.api.POST('/api/v1/break-glass/uses', {
          body: { account, code, reason, carried: 'secret' },
        }),
      )
      const { use, secret, expiresAt } = opened
      const kept = keptSessions(world.env)
      if (secret !== undefined)
        kept.keep(server.url, {
          ...kept.find(server.url),
          breakGlass: { secret, person: use.person.name, expiresAt },
        })
      out.show(
        { use, expiresAt },
        () =>
          `${visible(use.account.name)} is open until ${moment(use.endsAt, server.now())}, for at most ${use.chargers} chargers.`,
        () => use.id,
      )
      out.note('End it earlier with otactl break-glass end. Somebody else has to review it then.')
    })
}

function end(world: World) {
  return new Command('end')
    .description('End your use of an account, or somebody else’s by its id; it stops at once.')
    .argument('[use]', 'as in otactl break-glass uses; your own without it')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      const kept = keptSessions(world.env)
      const { breakGlass, ...before } = kept.find(server.url)
      if (id === undefined && breakGlass === undefined)
        throw usage('you have opened no account here; name the use of somebody else')
      const asked =
        id === undefined
          ? server.api.DELETE('/api/v1/session/break-glass')
          : server.api.POST('/api/v1/break-glass/uses/{id}/end', { params: { path: { id } } })
      const ended = await server.ask(asked).catch((error: unknown) => {
        // Somebody else ended it, and its session: the one before is to be used again.
        const over = error instanceof Failure && error.code === 'not-authenticated'
        if (id === undefined && over) kept.keep(server.url, before)
        throw error
      })
      if (id === undefined) kept.keep(server.url, before)
      out.show(
        ended,
        () =>
          `The use of ${visible(ended.account.name)} by ${visible(ended.person.name)} is ended.`,
        () => ended.id,
      )
    })
}

function uses(world: World) {
  return new Command('uses')
    .description('List what accounts were opened for, newest first.')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (options, command) => {
      const { server, out } = session(world, command)
      const page = await gather(options, (query) =>
        server.ask(server.api.GET('/api/v1/break-glass/uses', { params: { query } })),
      )
      out.list(page, {
        what: 'uses',
        key: ({ id }) => id,
        columns: useColumns(server.now()),
        empty: 'No account was ever opened.',
      })
    })
}

/** What is still to be done about a use stands out. */
export function useColumns(now: number): readonly Column<Use>[] {
  return [
    { title: 'USE', cell: ({ id }) => id },
    { title: 'ACCOUNT', cell: ({ account }) => account.name },
    { title: 'BY', cell: ({ person }) => person.name },
    { title: 'OPENED', cell: ({ openedAt }) => relative(openedAt, now) },
    { title: 'STATE', cell: (use) => stateOf(use, now) },
    { title: 'REASON', cell: ({ reason }) => reason, leaveOut: 1, least: 10 },
  ]
}

function stateOf({ endedAt, endsAt, review: reviewed }: Use, now: number) {
  if (endedAt === null) return { text: `open until ${moment(endsAt, now)}`, tone: 'bad' } as const
  if (reviewed === null) return { text: 'to be reviewed', tone: 'warn' } as const
  return { text: `${reviewed.verdict}, says ${reviewed.by.name}`, tone: 'plain' } as const
}

function review(world: World) {
  return new Command('review')
    .description(
      'Say whether somebody else’s use was justified; the account can be sealed anew then.',
    )
    .argument('<use>', 'as in otactl break-glass uses')
    .addOption(
      new Option('--verdict <verdict>', 'what it was')
        .choices(['justified', 'not-justified'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--comment <text>', 'in words; kept in the audit record')
    .action(async (id, { verdict, comment }, command) => {
      const { server, out } = session(world, command)
      const body = { verdict, comment }
      const reviewed = await server.ask(
        server.api.POST('/api/v1/break-glass/uses/{id}/review', { params: { path: { id } }, body }),
      )
      out.show(
        reviewed,
        () => `${visible(reviewed.id)} is reviewed: ${verdict}.`,
        () => reviewed.id,
      )
      out.note(
        `Seal the account with a new code: otactl break-glass seal ${visible(reviewed.account.name)}`,
      )
    })
}

/** An account by its name, or by id. */
async function idOf({ server }: Session, account: string): Promise<string> {
  const { items } = await server.ask(server.api.GET('/api/v1/break-glass/accounts'))
  return items.find(({ name }) => name === account)?.id ?? account
}

function seal(world: World) {
  return new Command('seal')
    .description('Seal an account with a new code, which is shown this once.')
    .argument('<account>', 'its name')
    .action(async (account, _options, command) => {
      const one = session(world, command)
      const { server, out } = one
      const params = { path: { id: await idOf(one, account) } }
      const sealed = await server.ask(
        server.api.POST('/api/v1/break-glass/accounts/{id}/seal', { params }),
      )
      out.show(
        sealed,
        () => out.paint('strong', visible(sealed.code)),
        () => visible(sealed.code),
      )
      out.note(
        'It belongs into an envelope; it is not shown again, and the one before works no more.',
      )
    })
}

function retire(world: World) {
  return new Command('retire')
    .description('Take an account away for good; its uses stay on record.')
    .argument('<account>', 'its name')
    .action(async (account, _options, command) => {
      const one = session(world, command)
      const params = { path: { id: await idOf(one, account) } }
      await one.server.done(one.server.api.DELETE('/api/v1/break-glass/accounts/{id}', { params }))
      one.out.show({ account, retired: true }, () => `${visible(account)} is retired.`)
    })
}
