import { Command, Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import { session, type Session } from '../session.ts'
import { fields, type Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { useColumns } from './break-glass.ts'
import { noun } from './options.ts'
import { needTerminal, newPassword, recoveryText, showTotp } from './sign-in.ts'

type PersonSession = Schemas['PersonSession']

export function whoamiCommand(world: World) {
  return new Command('whoami')
    .description('Say who you are to the server, how it knows, and where else you are signed in.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const who = await server.ask(server.api.GET('/api/v1/whoami'))
      out.show(
        who,
        () => whoText(who, { server, out }),
        () => visible(who.id),
      )
    })
}

function whoText(
  { name, kind, id, authentication, otherSessions, breakGlassUses }: Schemas['Whoami'],
  { server, out }: Pick<Session, 'server' | 'out'>,
): string {
  const now = server.now()
  const line = `${visible(name)} (${kind}, ${visible(id)}) at ${server.url.origin}`
  if (authentication.by === 'token') return line
  const facts: [string, string][] = [
    [
      'Factors',
      Object.entries(authentication.factors)
        .map(([factor, at]) => `${factor} ${relative(at, now)}`)
        .join(', '),
    ],
    ['Elsewhere', otherSessions.length === 0 ? 'nowhere' : ''],
  ]
  const others =
    otherSessions.length === 0 ? '' : `\n${out.tabled(otherSessions, sessionColumns(now))}`
  const emergencies =
    breakGlassUses.length === 0
      ? ''
      : `\n\nAccounts for emergencies that are open or to be reviewed:\n${out.tabled(breakGlassUses, useColumns(now))}`
  return `${line}\n${fields(facts, out.paint)}${others}${emergencies}`
}

export function sessionColumns(now: number): readonly Column<PersonSession>[] {
  return [
    { title: 'SIGN-IN', cell: ({ id, current }) => (current ? `${id} (this one)` : id) },
    { title: 'SINCE', cell: ({ createdAt }) => relative(createdAt, now) },
    { title: 'LAST USED', cell: ({ lastUsedAt }) => relative(lastUsedAt, now) },
    { title: 'FROM', cell: ({ places }) => places.map(({ address }) => address).join(', ') },
    { title: 'BY', cell: ({ factors }) => Object.keys(factors).join(' + '), leaveOut: 2 },
    { title: 'WITH', cell: ({ userAgent }) => userAgent ?? '', leaveOut: 1, least: 10 },
  ]
}

export function signInsCommand(world: World): Command {
  return noun('sign-ins', 'Where you are signed in.', listSignIns(world), endSignIn(world))
}

function listSignIns(world: World) {
  return new Command('list')
    .description('List where you are signed in, newest first.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/people/me/sessions'))
      out.list(page, {
        what: 'sign-ins',
        key: ({ id }) => id,
        columns: sessionColumns(server.now()),
        empty: 'You are signed in nowhere.',
      })
    })
}

function endSignIn(world: World) {
  return new Command('end')
    .description('End one of your sign-ins, or all others; they stop at once.')
    .argument('[id]', 'as in otactl sign-ins list')
    .addOption(new Option('--others', 'all but this one'))
    .action(async (id, { others }, command) => {
      const { server, out } = session(world, command)
      if ((id === undefined) === (others !== true)) throw usage('give either an id or --others')
      if (id === undefined) {
        const done = await server.ask(server.api.DELETE('/api/v1/people/me/sessions'))
        return out.show(done, () => `${done.ended} ended.`)
      }
      await server.done(
        server.api.DELETE('/api/v1/people/me/sessions/{id}', { params: { path: { id } } }),
      )
      out.show({ id, ended: true }, () => `${visible(id)} is ended.`)
    })
}

export function factorsCommand(world: World): Command {
  return noun(
    'factors',
    'Your password and second factors.',
    listFactors(world),
    addApp(world),
    removeApp(world),
    recoveryCodes(world),
    unlinkProvider(world),
    password(world),
  )
}

function listFactors(world: World) {
  return new Command('list')
    .description('Show your authenticator apps, and how many recovery codes are left.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const own = await server.ask(server.api.GET('/api/v1/factors'))
      const now = server.now()
      out.show(own, () =>
        [
          out.tabled(own.totps, [
            { title: 'APP', cell: ({ id }) => id },
            { title: 'NAME', cell: ({ name }) => name },
            { title: 'ADDED', cell: ({ addedAt }) => moment(addedAt, now) },
            { title: 'LAST USED', cell: ({ lastUsedAt }) => relative(lastUsedAt, now) },
          ]),
          `${own.recoveryCodesLeft} recovery codes left.`,
        ].join('\n'),
      )
    })
}

function addApp(world: World) {
  return new Command('add-app')
    .description('Add an authenticator app.')
    .argument('<name>', 'what you call it')
    .action(async (name, _options, command) => {
      needTerminal(world)
      const one = session(world, command)
      const { server, out } = one
      const { step, totp } = await server.ask(
        server.api.POST('/api/v1/factors/totp', { body: { name } }),
      )
      showTotp(one, totp)
      const code = await world.input.ask('The code it shows: ', world.interrupted)
      const added = await server.ask(
        server.api.POST('/api/v1/factors/totp/confirm', { body: { step, code: code.trim() } }),
      )
      out.show(added, () => `${visible(added.name)} is added.`)
    })
}

function removeApp(world: World) {
  return new Command('remove-app')
    .description('Remove an authenticator app; never the last second factor.')
    .argument('<id>', 'as in otactl factors list')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      await server.done(
        server.api.DELETE('/api/v1/factors/totp/{id}', { params: { path: { id } } }),
      )
      out.show({ id, removed: true }, () => `${visible(id)} is removed.`)
    })
}

function recoveryCodes(world: World) {
  return new Command('recovery-codes')
    .description('Make new recovery codes; the old ones work no more.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const made = await server.ask(server.api.POST('/api/v1/factors/recovery-codes'))
      out.show(
        made,
        () => recoveryText(made.recoveryCodes),
        () => made.recoveryCodes.map(visible).join('\n'),
      )
    })
}

function unlinkProvider(world: World) {
  return new Command('unlink-provider')
    .description('Unlink your account at the provider of single sign-on.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      await server.done(server.api.DELETE('/api/v1/people/me/single-sign-on'))
      out.show({ unlinked: true }, () => 'Your account at the provider is unlinked.')
    })
}

function password(world: World) {
  return new Command('password')
    .description('Change your password; ends your other sign-ins.')
    .action(async (_options, command) => {
      needTerminal(world)
      const { server, out } = session(world, command)
      const current = await world.input.askSecret('Password so far: ', world.interrupted)
      const wanted = await newPassword(world, 'Password from now on: ')
      await server.done(
        server.api.PUT('/api/v1/people/me/password', { body: { current, password: wanted } }),
      )
      out.show({ changed: true }, () => 'Your password is changed.')
    })
}
