import assert from 'node:assert/strict'
import type { House, ScriptedCharger } from './kit.ts'

export interface Token {
  readonly token: string
  readonly status?: 'accepted' | 'blocked'
  readonly parent?: string
  readonly validUntil?: string
  readonly type?: string
}

let lists = 0

/** A list with these tokens, and unknown ones refused. */
export async function tokenList(house: House, tokens: readonly Token[]): Promise<string> {
  lists += 1
  const name = `list-${house.version}-${lists}`
  const made = await house.owner('POST', '/token-lists', {
    name,
    unknownTokens: 'refuse',
    reason: 'conformance',
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  if (tokens.length > 0) await changeList(house, name, { put: tokens })
  return name
}

export async function changeList(
  house: House,
  name: string,
  change: { put?: readonly Token[]; remove?: readonly string[] },
): Promise<void> {
  const { status, body } = await house.owner('POST', `/token-lists/${name}/changes`, {
    ...change,
    reason: 'conformance',
  })
  assert.equal(status, 200, JSON.stringify(body))
}

/** A charger's own list: by it the charger's questions are answered. */
export async function assigned(
  house: House,
  charger: ScriptedCharger,
  tokens: readonly Token[],
): Promise<string> {
  const list = await tokenList(house, tokens)
  const { status, body } = await house.owner('POST', '/token-assignments', {
    list,
    kind: 'charger',
    name: charger.identity,
    reason: 'conformance',
  })
  assert.ok(status < 300, JSON.stringify(body))
  return list
}

export const longAgo = '2020-01-01T00:00:00Z'

/** SendLocalList of 2.x. */
export interface SentList {
  readonly versionNumber: number
  readonly updateType: string
  readonly localAuthorizationList?: readonly {
    readonly idToken: { readonly idToken: string }
    readonly idTokenInfo?: {
      readonly status: string
      readonly groupIdToken?: { readonly idToken: string }
    }
  }[]
}

/** Plays the charger's part of a push in one message; what it was sent. */
export async function pushed(charger: ScriptedCharger, list: string, held = 0): Promise<SentList> {
  const ended = charger.command('tokens.push', { list })
  const before = await charger.receives('GetLocalListVersion')
  before.answer({ versionNumber: held })
  const asked = await charger.receives<SentList>('SendLocalList')
  asked.answer({ status: 'Accepted' })
  const after = await charger.receives('GetLocalListVersion')
  after.answer({ versionNumber: asked.payload.versionNumber })
  assert.equal((await ended).state, 'succeeded')
  return asked.payload
}
