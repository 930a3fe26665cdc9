import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { gather } from '../wire/pages.ts'

interface Named {
  readonly id: string
  readonly name: string
}

/** A person by what they sign in with, or by id; what is neither stays as it is, for the server to answer. */
export async function personOf(one: Session, who: string): Promise<string> {
  return looksLikeId(who) ? who : ((await person(one, who)) ?? who)
}

/** Whom `explain` asks about, as the server takes it: `person:<id>` or `robot:<id>`. */
export async function actorOf(one: Session, who: string): Promise<string> {
  const [, kind = 'person', name = ''] = principal.exec(who) ?? []
  if (kind === 'person') return `person:${await personOf(one, name)}`
  return `robot:${looksLikeId(name) ? name : ((await robot(one, name)) ?? name)}`
}

/** The id to look for of a person, or of a robot by its token's name. What is neither is taken as an id. */
export async function idToLookFor(
  one: Session,
  who: string,
  others: readonly string[],
): Promise<string> {
  const [, kind, name = ''] = principal.exec(who) ?? []
  if (looksLikeId(name) || others.includes(name)) return name
  const found =
    (kind === 'robot' ? undefined : await person(one, name)) ??
    (kind === 'person' ? undefined : await robot(one, name))
  if (found === undefined)
    one.out.note(`No person or token is called ${visible(name)}; it is taken as an id.`)
  return found ?? name
}

const principal = /^(?:(person|robot):)?(.*)$/s

function looksLikeId(who: string): boolean {
  return /^[0-9a-f]{8}-/.test(who)
}

async function person({ server }: Session, who: string): Promise<string | undefined> {
  const people = gather({ all: true }, (query) =>
    server.ask(server.api.GET('/api/v1/people', { params: { query } })),
  )
  return idIn(people, who.toLowerCase())
}

async function robot({ server }: Session, who: string): Promise<string | undefined> {
  return idIn(server.ask(server.api.GET('/api/v1/tokens')), who)
}

/** Whoever may not see them has to name ids. */
async function idIn(
  asked: Promise<{ readonly items: readonly Named[] }>,
  wanted: string,
): Promise<string | undefined> {
  try {
    return (await asked).items.find(({ name }) => name === wanted)?.id
  } catch (error) {
    if (error instanceof Failure && error.exitCode === exitCodes.forbidden) return undefined
    throw error
  }
}
