import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { shippedProfiles } from '../../src/models/library.ts'
import type { ChargerModel, ResolvedProfile } from '../../src/models/profile.ts'
import type { QuirkKind, QuirkOf } from '../../src/models/quirk.ts'

/**
 * A test that replays what an entry of models/vendors says a model does. `test/models/coverage.test.ts`
 * sees to it that every quirk of every profile has one.
 */
export function replay<Kind extends QuirkKind>(
  profile: string,
  kind: Kind,
  what: string,
  body: (t: TestContext, quirk: QuirkOf<Kind>) => Promise<void> | void,
): void {
  test(`${profile} (${kind}): ${what}`, async (t) => {
    const quirk = shippedProfiles()
      .find(({ id }) => id === profile)
      ?.quirks?.find((one) => one.quirk === kind)
    assert.ok(quirk !== undefined, `${profile} has no quirk ${kind}`)
    await body(t, quirk as unknown as QuirkOf<Kind>)
  })
}

/** One charger each of the models that replays are about, as it tells what it is. */
export const examples = {
  abb: { vendor: 'ABB', model: 'CDT_TACW22::NET_WIFI', firmware: 'TAC3Z9::V1.8.21' },
  elvi: { vendor: 'EV-BOX', model: 'Elvi' },
  entratek: { vendor: 'UCHEN', model: 'DUOSIDA Mode3@11KW' },
  grizzle3: { vendor: 'United Chargers', model: 'Grizzl-E', firmware: '3.09' },
  huawei: { vendor: null, model: 'ACChargePoint' },
  compleo: { vendor: 'innogy', model: 'eBox smart S', firmware: '1.2.3' },
  enPlus: { vendor: 'EN+', model: 'AC7000-AE-25' },
  keba: { vendor: 'Keba AG', model: 'P30' },
  ocular: { vendor: 'Ocular', model: 'BS-EV22' },
  pulsarOld: { vendor: 'Wall Box Chargers', model: 'PLP1-0-2-4', firmware: '5.5.10' },
  starCharge: { vendor: 'StarCharge', model: 'Aurora' },
  solax: { vendor: 'Solax', model: 'X3-EVC' },
  foxess: { vendor: 'FoxESS', model: 'A022KP1' },
  autel: { vendor: 'Autel', model: 'MaxiChargerAC' },
} as const satisfies Record<string, ChargerModel>

export function kindsOf({ quirks }: ResolvedProfile): QuirkKind[] {
  return quirks.map(({ quirk }) => quirk)
}
