import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chargerFacts, freshFor } from '../../../../test/kit/facts.ts'
import { withObservation } from '../../../fleet/learned/learned.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Capabilities } from '../../../models/capability.ts'
import { strictRequest } from '../../../ocpp/validation.ts'
import { versions } from '../../../ocpp/versions.ts'
import type { Version } from '../../../ocpp/versions.ts'
import type { LocalListFacts } from '../../facts.ts'
import { operationNamed } from '../../catalogue.ts'
import { isRefusal, isVerdict } from '../../operation.ts'
import type { Verdict, VersionPlan } from '../../operation.ts'
import type { RemovedToken, SuppliedToken, TokenListSupply } from './token-list-supply.ts'

/** What a charger keeps of a token. */
type Kept = Readonly<Record<string, unknown>>

/** A charger that keeps to the standard and takes no message beyond its limits. */
interface Model {
  version: number
  tokens: Map<string, Kept>
  readonly entries: number
  readonly bytes: number
}

interface Wire {
  readonly listVersion?: number
  readonly versionNumber?: number
  readonly updateType: 'Full' | 'Differential'
  readonly localAuthorizationList?: readonly Readonly<Record<string, unknown>>[]
}

function take(model: Model, request: Wire): 'Accepted' | 'Failed' | 'VersionMismatch' {
  const version = request.listVersion ?? request.versionNumber ?? 0
  const list = request.localAuthorizationList ?? []
  if (version <= 0 || list.length > model.entries) return 'Failed'
  if (list.length > 1 && JSON.stringify(request).length > model.bytes) return 'Failed'
  if (request.updateType === 'Differential' && version <= model.version) return 'VersionMismatch'
  if (request.updateType === 'Full') model.tokens = new Map()
  for (const entry of list) {
    const { idTag, idTagInfo, idToken, idTokenInfo } = entry
    const text = (idTag ?? (idToken as { idToken: string }).idToken) as string
    const info = idTagInfo ?? idTokenInfo
    if (info === undefined) model.tokens.delete(text.toLowerCase())
    else model.tokens.set(text.toLowerCase(), info as Kept)
  }
  model.version = version
  return 'Accepted'
}

interface World {
  readonly version: Version
  readonly model: Model
  localList: LocalListFacts | null
  /** Entries in all its messages together. */
  sent: number
}

/** Carries out a push as the engine does. `loses` says of each CALL whether its answer is lost, after which it is sent again. */
function push(world: World, supply: TokenListSupply, now: number, loses: () => boolean): Verdict {
  const plan = operationNamed('tokens.push')!.versions[world.version] as VersionPlan<
    Version,
    unknown
  >
  const params = { list: supply.list }
  const fresh = freshFor({ now, supply: supply as unknown as Json })
  const capabilities: Capabilities = {
    'local-list-max-per-message': {
      value: world.model.entries,
      source: 'probed',
      since: 0,
      why: '',
    },
    'bytes-per-message': { value: world.model.bytes, source: 'probed', since: 0, why: '' },
  }
  const charger = () =>
    chargerFacts({
      version: world.version,
      capabilities,
      ...(world.localList === null ? {} : { localList: world.localList }),
    })
  const learn = ({ learned = [] }: Verdict): void => {
    for (const one of learned)
      world.localList = withObservation(
        { localList: world.localList } as Parameters<typeof withObservation>[0],
        one,
        now,
      ).localList
  }
  const answer = (action: string, payload: object): object => {
    assert.equal(strictRequest(world.version, action, payload), undefined)
    if (action === 'GetLocalListVersion')
      return world.version === '1.6'
        ? { listVersion: world.model.version }
        : { versionNumber: world.model.version }
    const { entries, bytes } = world.model
    const list = (payload as Wire).localAuthorizationList ?? []
    world.sent += list.length
    assert.ok(list.length <= entries, 'a part has more entries than the charger takes')
    const whole = JSON.stringify([2, 'x'.repeat(36), action, payload]).length
    assert.ok(list.length <= 1 || whole <= bytes, 'a part has more bytes than the charger takes')
    return { status: take(world.model, payload as Wire) }
  }
  const request = plan.request(params, charger(), fresh)
  assert.ok(!isRefusal(request), JSON.stringify(request))
  let verdict = plan.judge(answer(plan.action, request), params, {})
  learn(verdict)
  let stored: Json = verdict.result ?? null
  for (let calls = 0; verdict.meaning === 'accepted'; calls += 1) {
    assert.ok(calls < 2_000, 'a push has to come to its end')
    const next = plan.followUp!.next(stored, params, charger(), fresh)
    assert.ok(next !== undefined && !isRefusal(next))
    if (isVerdict(next)) {
      learn(next)
      return next
    }
    stored = next.stored ?? stored
    const response = answer(next.action, next.payload)
    if (loses()) continue
    verdict = plan.followUp!.judge(next.action, response, params, stored)
    learn(verdict)
    stored = verdict.result ?? null
  }
  return verdict
}

/** Our side: a list that grows by revisions. */
class OurList {
  revision = 1
  readonly tokens = new Map<string, SuppliedToken>()
  readonly removed = new Map<string, RemovedToken>()

  change(deeds: readonly Deed[]): void {
    this.revision += 1
    const { revision } = this
    for (const { text, put } of deeds) {
      if (put === undefined) {
        if (this.tokens.delete(text)) this.removed.set(text, { token: text, revision })
      } else {
        this.tokens.set(text, { token: text, revision, ...put })
        this.removed.delete(text)
      }
    }
  }

  supply(since: number): TokenListSupply {
    const { revision, tokens, removed } = this
    return {
      list: 'drivers',
      revision,
      tokens: [...tokens.values()],
      removed: [...removed.values()].filter((one) => one.revision > since),
      since,
    }
  }

  /** What a charger has to hold of it, in the words the rules for answers use. */
  expected(now: number): [string, string, string | undefined][] {
    return [...this.tokens.values()]
      .filter(({ from }) => from === undefined || from <= now)
      .map(({ token, status, until, parent }): [string, string, string | undefined] => [
        token.toLowerCase(),
        status === 'blocked'
          ? 'Blocked'
          : until !== undefined && until <= now
            ? 'Expired'
            : 'Accepted',
        parent,
      ])
      .sort()
  }
}

/** What the charger would say of each of its tokens: it looks at the expiry itself. */
function heldBy({ model, version }: World, now: number): [string, string, string | undefined][] {
  const statusOf = ({ status, expiryDate, cacheExpiryDateTime }: Kept): string => {
    const until = (expiryDate ?? cacheExpiryDateTime) as string | undefined
    const over = until !== undefined && Date.parse(until) <= now
    return status === 'Accepted' && over ? 'Expired' : (status as string)
  }
  return [...model.tokens]
    .map(([text, info]): [string, string, string | undefined] => [
      text,
      statusOf(info),
      (version === '1.6'
        ? info['parentIdTag']
        : (info['groupIdToken'] as { idToken?: string } | undefined)?.idToken) as
        string | undefined,
    ])
    .sort()
}

const noon = Date.parse('2026-03-01T12:00:00Z')
const hour = 3_600_000
const soon = fc.option(
  fc.integer({ min: -5, max: 5 }).map((hours) => noon + hours * hour),
  {
    nil: undefined,
  },
)

interface Deed {
  readonly text: string
  readonly put: Omit<SuppliedToken, 'token' | 'revision'> | undefined
}

const text = fc.integer({ min: 0, max: 11 }).map((number) => `CARD-${number}`)
const contents = fc
  .record({
    status: fc.constantFrom('accepted' as const, 'blocked' as const),
    parent: fc.option(fc.constantFrom('FLEET', 'FAMILY'), { nil: undefined }),
    from: soon,
    until: soon,
  })
  .map(
    (fields) =>
      Object.fromEntries(
        Object.entries(fields).filter(([, value]) => value !== undefined),
      ) as unknown as Omit<SuppliedToken, 'token' | 'revision'>,
  )
const deed: fc.Arbitrary<Deed> = fc.record({
  text,
  put: fc.option(contents, { nil: undefined, freq: 3 }),
})

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      deeds: fc.array(deed, { maxLength: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      /** Bit n: the answer to the nth CALL is lost. */
      losses: fc.integer({ min: 0, max: 0xff }),
      remembers: fc.integer({ min: 0, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('meddle' as const),
      version: fc.integer({ min: 0, max: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      hours: fc.integer({ min: 1, max: 4 }),
    }),
  },
)

test('after a push the charger holds the list, whatever was sent before, lost on the way or changed by others', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...versions),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 300, max: 1_000 }),
      fc.array(step, { minLength: 1, maxLength: 14 }),
      (version, entries, bytes, steps) => {
        const ours = new OurList()
        const world: World = {
          version,
          model: { version: 0, tokens: new Map(), entries, bytes },
          localList: null,
          sent: 0,
        }
        let now = noon
        for (const one of steps) {
          if (one.do === 'change') ours.change(one.deeds)
          if (one.do === 'wait') now += one.hours * hour
          // Somebody else's list; a version we gave out ourselves would be a lie nobody can see.
          if (one.do === 'meddle' && one.version !== world.localList?.version) {
            world.model.version = one.version
            world.model.tokens = new Map([['stranger', { status: 'Accepted' }]])
          }
          if (one.do !== 'push') continue
          let call = 0
          const loses = () => ((one.losses >> call++) & 1) === 1
          const supply = ours.supply(Math.max(0, ours.revision - one.remembers))
          const verdict = push(world, supply, now, loses)
          assert.equal(verdict.meaning, 'done', verdict.detail)
          assert.deepEqual(heldBy(world, now), ours.expected(now))
          const { list, revision, version: number } = world.localList!
          assert.deepEqual([list, revision], ['drivers', ours.revision])
          assert.equal(number, world.model.version)
        }
      },
    ),
    { seed: 61, numRuns: 1_500 },
  )
})

test('a change sends no more entries than the whole list has', () => {
  fc.assert(
    fc.property(
      fc.array(deed, { maxLength: 30 }),
      fc.array(deed, { maxLength: 6 }),
      (first, then) => {
        const ours = new OurList()
        ours.change(first)
        const model = { version: 3, tokens: new Map(), entries: 100, bytes: 100_000 }
        const world: World = { version: '1.6', model, localList: null, sent: 0 }
        push(world, ours.supply(0), noon, () => false)
        ours.change(then)
        world.sent = 0
        push(world, ours.supply(0), noon, () => false)
        assert.ok(world.sent <= ours.expected(noon).length)
        assert.deepEqual(heldBy(world, noon), ours.expected(noon))
      },
    ),
    { seed: 62, numRuns: 300 },
  )
})
