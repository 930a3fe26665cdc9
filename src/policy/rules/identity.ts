import { Type, type Static } from 'typebox'
import type { IdentityFigures } from '../../identity/figures.ts'

function count(minimum: number, maximum: number, description: string) {
  return Type.Integer({ minimum, maximum, description })
}
function section<P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

export const IdentityRulesSchema = section({
  sessions: section({
    idleMinutes: count(2, 1_440, 'A session nobody uses ends after so long'),
    absoluteHours: count(1, 168, 'Every session ends after so long, however much it is used'),
    concurrentWithinMinutes: count(1, 1_440, 'Use from two networks within this time is told'),
  }),
  passwords: section({
    leastLength: count(8, 128, 'Characters'),
    leastScore: count(0, 4, 'Strength by zxcvbn'),
  }),
  factors: section({
    changeWithinMinutes: count(1, 60, 'How fresh a second factor must be for changing one'),
    recoveryCodes: count(4, 50, 'How many are made at once'),
  }),
  attempts: section({
    free: count(1, 100, 'Wrong passwords of an account from one network before it waits'),
    freePerNetwork: count(1, 10_000, 'Wrong passwords from one network before it waits'),
    freeSecondFactors: count(1, 100, 'Wrong second factors of a person before they wait'),
    firstWaitSeconds: count(1, 3_600, 'The first wait; each further is twice as long'),
    longestWaitMinutes: count(1, 1_440, 'No wait is longer'),
    forgetMinutes: count(1, 10_080, 'Without a failure for so long, all are forgotten'),
  }),
  knownDeviceDays: count(1, 400, 'How long a browser somebody signed in with stays known'),
  invitations: section({
    hours: count(1, 336, 'How long a link to enrol works'),
    roles: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: 20,
      description: 'Roles that a link may give everywhere; others are given by a change of policy',
    }),
  }),
  tokens: section({
    defaultDays: count(1, 366, 'How long an API token works where nobody says'),
    mostDays: count(1, 366, 'How long an API token may work'),
  }),
})
export type IdentityRules = Static<typeof IdentityRulesSchema>

export const defaultIdentityRules: IdentityRules & IdentityFigures = {
  sessions: { idleMinutes: 30, absoluteHours: 12, concurrentWithinMinutes: 15 },
  passwords: { leastLength: 12, leastScore: 3 },
  factors: { changeWithinMinutes: 5, recoveryCodes: 10 },
  attempts: {
    free: 5,
    freePerNetwork: 50,
    freeSecondFactors: 10,
    firstWaitSeconds: 5,
    longestWaitMinutes: 15,
    forgetMinutes: 60,
  },
  knownDeviceDays: 90,
  invitations: { hours: 24, roles: ['viewer'] },
  tokens: { defaultDays: 90, mostDays: 365 },
}
