import type { Member } from './duties-world.ts'
import { dutiesWorld } from './duties-world.ts'

const permissive = 'test/kit/permissive-policy.json'
const onCall = {
  description: 'Opens the account of the night',
  permissions: ['break-glass.use', 'system.read'],
  operations: [],
}
/** What the account allows. */
export const night = {
  name: 'night',
  grants: [{ role: 'operator', group: null }],
  minutes: 20,
  chargers: 2,
}
export const chargers = ['CP-1', 'CP-2', 'CP-3']

export interface Use {
  readonly id: string
  readonly endsAt: string
  readonly endedAt: string | null
  readonly review: { readonly by: { readonly id: string } } | null
}

/** Olga owns and prepares, Anna approves, Ben is on call, Sam sees to people and reviews. */
export async function breakGlassHouse(t: Parameters<typeof dutiesWorld>[0]) {
  const world = await dutiesWorld(t, { firstRules: permissive, chargers })
  const { must, request, approve, execute } = world
  const olga = await world.enrol('olga')
  const [anna, ben, sam] = [
    await world.enrol('anna'),
    await world.enrol('ben'),
    await world.enrol('sam'),
  ] as const
  const context = { actor: { kind: 'system', id: 'system', name: 's' }, origin: { face: 'system' } }
  await world.policy.apply(
    context as Parameters<typeof world.policy.apply>[0],
    { kind: 'role', name: 'on-call', role: onCall, before: null },
    { reason: 'a test' },
  )
  await world.give(anna, 'approver')
  await world.give(ben, 'on-call')
  await world.give(sam, 'security-admin')

  const wish = (content: object) => ({ kind: 'break-glass', content, reason: 'for the nights' })
  async function prepare(content: object = night): Promise<string> {
    const made = await request(olga, wish(content))
    await approve(anna, made)
    return (await execute(olga, made)).handedOver!['code']!
  }
  const opening = (code: string, over: object = {}) => ({
    ...{ account: 'night', code, reason: 'the depot is dark', carried: 'secret' },
    ...over,
  })
  const open = (who: Member, code: string) =>
    must<{ use: Use; secret: string }>(201, 'POST', '/break-glass/uses', who.session, opening(code))
  const command = (session: string, targets: readonly string[]) =>
    world.ask('POST', '/commands', session, {
      ...{ operation: 'charger.reset', params: { mode: 'now' } },
      ...{ target: { chargers: targets }, reason: 'the depot is dark' },
    })
  return { ...world, olga, anna, ben, sam, wish, prepare, opening, open, command }
}
