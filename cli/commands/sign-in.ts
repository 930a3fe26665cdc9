import { Command } from '@commander-js/extra-typings'
import { renderUnicodeCompact } from 'uqr'
import { Failure, usage } from '../failure.ts'
import { openDoor, session, shownFactor, type Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { moment } from '../terminal/time.ts'
import { keptSessions } from '../wire/kept-sessions.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'

type Opened = Pick<Schemas['SignedIn'], 'secret' | 'device' | 'person' | 'expiresAt'>

export function signInCommand(world: World) {
  return new Command('sign-in')
    .description('Sign in as a person: name, password and a second factor.')
    .argument('[name]', 'what you sign in with; asked for without it')
    .action(async (given, _options, command) => {
      needTerminal(world)
      const door = openDoor(world, command)
      const { server } = door
      const { device } = keptSessions(world.env).find(server.url)
      const known = device === undefined ? {} : { device }
      const name = given ?? (await world.input.ask('Name: ', world.interrupted))
      const password = await world.input.askSecret('Password: ', world.interrupted)
      const { signIn } = await server.ask(
        server.api.POST('/api/v1/sign-in', { body: { name, password, ...known } }),
      )
      const code = await askCode(world)
      const body = { signIn, ...shownFactor(code), carried: 'secret', ...known } as const
      const opened = await server.ask(server.api.POST('/api/v1/sign-in/second-factor', { body }))
      welcome(door, opened)
    })
}

export function enrolCommand(world: World) {
  return new Command('enrol')
    .description('Make your account, or new second factors, with the one-time link you were given.')
    .argument('<link>', 'the whole link')
    .action(async (link, _options, command) => {
      needTerminal(world)
      const door = openDoor(world, command)
      const { server, out } = door
      const invitation = link.slice(link.indexOf('#') + 1)
      const name = await world.input.ask('Name to sign in with: ', world.interrupted)
      const displayName = await world.input.ask('Your name in full: ', world.interrupted)
      const password = await newPassword(world, 'Password: ')
      const wish = { invitation, name, password }
      const begun = await server.ask(
        server.api.POST('/api/v1/enrolments', {
          body: displayName.trim() === '' ? wish : { ...wish, displayName },
        }),
      )
      showTotp(door, begun.totp)
      const code = await world.input.ask('The code it shows: ', world.interrupted)
      const done = await server.ask(
        server.api.POST('/api/v1/enrolments/confirm', {
          body: { enrolment: begun.enrolment, code: code.trim(), carried: 'secret' },
        }),
      )
      welcome(door, done)
      out.say(recoveryText(done.recoveryCodes))
    })
}

export function signOutCommand(world: World) {
  return new Command('sign-out')
    .description('End your session, here and on the server.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const kept = keptSessions(world.env)
      const { session: before, breakGlass, ...rest } = kept.find(server.url)
      if (before === undefined) throw usage(`nobody is signed in to ${server.url.origin} here`)
      if (breakGlass !== undefined && Date.parse(breakGlass.expiresAt) > world.now())
        throw usage(
          'you have opened an account for emergencies: otactl break-glass end comes first',
        )
      kept.keep(server.url, rest)
      await server.done(server.api.DELETE('/api/v1/session')).catch((error: unknown) => {
        // It ended already.
        if (!(error instanceof Failure && error.code === 'not-authenticated')) throw error
      })
      out.show({ signedOut: true }, () => `${visible(before.person)} is signed out.`)
    })
}

export function stepUpCommand(world: World) {
  return new Command('step-up')
    .description('Show a second factor again, for what needs a fresh one.')
    .argument('[code]', 'of your authenticator app, or a recovery code; asked for without it')
    .action(async (given, _options, command) => {
      const { server, out } = session(world, command)
      const code = given ?? (await askCode(world))
      await server.done(server.api.POST('/api/v1/session/step-up', { body: shownFactor(code) }))
      out.show({ steppedUp: true }, () => 'Your second factor is fresh.')
    })
}

export function needTerminal({ input }: World): void {
  if (!input.isTerminal)
    throw usage(
      'this asks a person, and there is no terminal to ask on',
      'A script is a robot: give it a token with OTA_TOKEN.',
    )
}

export function askCode(world: World): Promise<string> {
  needTerminal(world)
  return world.input.ask('Code of your authenticator app (or a recovery code): ', world.interrupted)
}

export async function newPassword(world: World, question: string): Promise<string> {
  const password = await world.input.askSecret(question, world.interrupted)
  const again = await world.input.askSecret('The same again: ', world.interrupted)
  if (password !== again) throw usage('the two are not the same')
  return password
}

/** What an authenticator app needs, to be scanned or typed. */
export function showTotp({ world, out }: Session, totp: Schemas['NewTotp']): void {
  if (out.json) return
  world.err.write(
    `Scan this with an authenticator app, or type ${visible(totp.secret)} into it:\n\n` +
      `${renderUnicodeCompact(totp.url)}\n\n`,
  )
}

export function recoveryText(codes: readonly string[]): string {
  return [
    'Recovery codes: each works once in place of the app. Keep them elsewhere; they are not shown again.',
    ...codes.map((code) => `  ${visible(code)}`),
  ].join('\n')
}

/** Keeps the session for the next calls. */
function welcome({ world, server, out }: Session, { secret, device, person, expiresAt }: Opened) {
  const kept = keptSessions(world.env)
  const before = kept.find(server.url).device
  const known = device ?? before
  if (secret !== undefined)
    kept.keep(server.url, {
      session: { secret, person: person.displayName, expiresAt },
      ...(known === undefined ? {} : { device: known }),
    })
  out.show(
    { person, expiresAt },
    () =>
      `Signed in to ${server.url.origin} as ${visible(person.displayName)}, at most until ${moment(expiresAt, server.now())}.`,
    () => visible(person.id),
  )
}
