import { Command, Option } from '@commander-js/extra-typings'
import { Failure } from '../failure.ts'
import { given } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { fields, type Column } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { sessionColumns } from './account.ts'
import { askFor } from './approvals.ts'
import { allOption, limitOption, noun, reasonOption } from './options.ts'
import { personOf } from './principals.ts'
import { tokenColumns } from './tokens.ts'

type Person = Schemas['Person']

export function peopleCommand(world: World): Command {
  return noun(
    'people',
    'Accounts of people.',
    list(world),
    show(world),
    invite(world),
    invitations(world),
    uninvite(world),
    rename(world),
    lock(world),
    unlock(world),
    endSignIns(world),
    resetFactors(world),
  )
}

function stateOf({ locked, secondFactors }: Person): string {
  if (locked !== null) return 'locked'
  return secondFactors.length === 0 ? 'has to enrol anew' : ''
}

function list(world: World) {
  return new Command('list')
    .description('List people by name.')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (options, command) => {
      const { server, out } = session(world, command)
      const page = await gather(options, (query) =>
        server.ask(server.api.GET('/api/v1/people', { params: { query } })),
      )
      const now = server.now()
      const columns: readonly Column<Person>[] = [
        { title: 'NAME', cell: ({ name }) => name },
        { title: 'IN FULL', cell: ({ displayName }) => displayName, least: 8 },
        { title: 'STATE', cell: stateOf },
        { title: 'LAST SEEN', cell: ({ lastSeenAt }) => relative(lastSeenAt, now) },
        { title: 'PERSON', cell: ({ id }) => id, leaveOut: 1 },
      ]
      out.list(page, { what: 'people', key: ({ id }) => id, columns, empty: 'There is nobody.' })
    })
}

const whoText = 'what they sign in with, or their id'

function show(world: World) {
  return new Command('show')
    .description('Show an account, and where it is signed in.')
    .argument('<person>', whoText)
    .action(async (who, _options, command) => {
      const one = session(world, command)
      const { server, out } = one
      const params = { path: { id: await personOf(one, who) } }
      const person = await server.ask(server.api.GET('/api/v1/people/{id}', { params }))
      const signIns = await server.ask(server.api.GET('/api/v1/people/{id}/sessions', { params }))
      const now = server.now()
      out.show({ ...person, sessions: signIns.items }, () => {
        const facts: [string, string][] = [
          ['Person', `${visible(person.displayName)} (${visible(person.name)})`],
          ['Id', person.id],
          ['Invited as', visible(person.initialRole ?? 'nothing')],
          ['Since', moment(person.createdAt, now)],
          ['Factors', person.secondFactors.join(', ') || 'none: has to enrol anew'],
          ...lockedFacts(person, now),
        ]
        const table =
          signIns.items.length === 0 ? '' : `\n\n${out.tabled(signIns.items, sessionColumns(now))}`
        return `${fields(facts, out.paint)}${table}`
      })
    })
}

function lockedFacts({ locked }: Person, now: number): [string, string][] {
  return locked === null ? [] : [['Locked', `${moment(locked.at, now)}: ${visible(locked.reason)}`]]
}

function invite(world: World) {
  return new Command('invite')
    .description('Make a one-time link with which a person enrols.')
    .addOption(new Option('--role <role>', 'what they become, as far as the policy lets a link'))
    .addOption(new Option('--owner', 'the first person: becomes owner, while there is nobody'))
    .addOption(new Option('--note <text>', 'who it is for'))
    .action(async ({ role, owner, note }, command) => {
      const one = session(world, command)
      const { server } = one
      const body = given({ role: owner === true ? 'owner' : role, note })
      const made = await server.ask(server.api.POST('/api/v1/invitations', { body }))
      showLink(one, made)
    })
}

function showLink({ server, out }: Session, made: Schemas['IssuedInvitation']): void {
  out.show(
    made,
    () => out.paint('strong', visible(made.link)),
    () => visible(made.link),
  )
  out.note(
    `It works once, until ${moment(made.expiresAt, server.now())}, in a browser or with otactl enrol. Hand it over in person; it is not shown again.`,
  )
}

function invitations(world: World) {
  return new Command('invitations')
    .description('List the links that still work, oldest first.')
    .addOption(limitOption())
    .addOption(allOption())
    .action(async (options, command) => {
      const { server, out } = session(world, command)
      const page = await gather(options, (query) =>
        server.ask(server.api.GET('/api/v1/invitations', { params: { query } })),
      )
      const now = server.now()
      out.list(page, {
        what: 'invitations',
        key: ({ id }) => id,
        columns: [
          { title: 'INVITATION', cell: ({ id }) => id },
          {
            title: 'FOR',
            cell: ({ kind, note }) => note ?? (kind === 'factors' ? 'new factors' : ''),
          },
          { title: 'AS', cell: ({ role }) => role ?? '' },
          { title: 'BY', cell: ({ invitedBy }) => invitedBy.name },
          { title: 'UNTIL', cell: ({ expiresAt }) => moment(expiresAt, now) },
        ],
        empty: 'There are no open invitations.',
      })
    })
}

function uninvite(world: World) {
  return new Command('uninvite')
    .description('Take a link back.')
    .argument('<id>', 'as in otactl people invitations')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      const params = { path: { id } }
      await server.done(server.api.DELETE('/api/v1/invitations/{id}', { params }))
      out.show({ id, revoked: true }, () => `${visible(id)} works no more.`)
    })
}

async function change(one: Session, who: string, body: Schemas['PersonPatch'], said: string) {
  const { server, out } = one
  const params = { path: { id: await personOf(one, who) } }
  const person = await server.ask(server.api.PATCH('/api/v1/people/{id}', { params, body }))
  out.show(
    person,
    () => `${visible(person.displayName)} ${said}.`,
    () => person.id,
  )
}

function rename(world: World) {
  return new Command('rename')
    .description('Change how somebody is called in full.')
    .argument('<person>', whoText)
    .argument('<name>', 'in full')
    .action(async (who, displayName, _options, command) =>
      change(session(world, command), who, { displayName }, 'is how they are called now'),
    )
}

function lock(world: World) {
  return new Command('lock')
    .description(
      'Lock somebody out; their sign-ins end at once, and commands of theirs that wait are cancelled.',
    )
    .argument('<person>', whoText)
    .addOption(reasonOption())
    .action(async (who, { reason }, command) => {
      const one = session(world, command)
      const { server, out } = one
      const params = { path: { id: await personOf(one, who) } }
      const body = { locked: { reason } }
      const person = await server.ask(server.api.PATCH('/api/v1/people/{id}', { params, body }))
      const tokens = await workingTokensOf(one, person)
      out.show(
        { ...person, ...given({ tokens }) },
        () => `${visible(person.displayName)} is locked out.${tokensText(tokens ?? [], one)}`,
        () => person.id,
      )
      if (tokens === undefined)
        out.note('You may not see tokens: somebody who may has to look for those they made.')
    })
}

/** Tokens that go on working without whoever made them; undefined where the caller may not see tokens. */
async function workingTokensOf(
  { server }: Session,
  { id: madeBy }: Person,
): Promise<Schemas['Token'][] | undefined> {
  try {
    const query = { madeBy }
    const { items } = await server.ask(server.api.GET('/api/v1/tokens', { params: { query } }))
    return items
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-permitted') return undefined
    throw error
  }
}

function tokensText(tokens: readonly Schemas['Token'][], { server, out }: Session): string {
  if (tokens.length === 0) return ''
  const table = out.tabled(tokens, tokenColumns(server.now()))
  return `\nThese tokens of robots they made still work; otactl tokens revoke ends one:\n\n${table}`
}

function unlock(world: World) {
  return new Command('unlock')
    .description('Let somebody in again.')
    .argument('<person>', whoText)
    .action(async (who, _options, command) =>
      change(session(world, command), who, { locked: null }, 'may sign in again'),
    )
}

function endSignIns(world: World) {
  return new Command('end-sign-ins')
    .description('End all sign-ins of somebody; they stop at once.')
    .argument('<person>', whoText)
    .action(async (who, _options, command) => {
      const one = session(world, command)
      const params = { path: { id: await personOf(one, who) } }
      const done = await one.server.ask(
        one.server.api.DELETE('/api/v1/people/{id}/sessions', { params }),
      )
      one.out.show(done, () => `${done.ended} ended.`)
    })
}

function resetFactors(world: World) {
  return new Command('reset-factors')
    .description(
      'Ask others to agree that all second factors are taken from somebody. Carried out (otactl approvals execute), it gives you a link for new ones.',
    )
    .argument('<person>', whoText)
    .addOption(reasonOption())
    .action(async (who, { reason }, command) => {
      const one = session(world, command)
      const content = { person: await personOf(one, who) }
      await askFor(one, { kind: 'factor-reset', content, reason })
    })
}
