import { recoveryHash } from './recovery-codes.ts'
import type { SecondFactor } from './second-factor.ts'
import {
  countRecoveryCodes,
  countTotps,
  removeRecoveryCodes,
  removeTotps,
  takeStep,
  totpsOf,
  useRecoveryCode,
} from './store.ts'
import { stepOf } from './totp.ts'

export const totpFactor: SecondFactor = {
  factor: 'totp',
  lasting: true,
  countOf: countTotps,
  async check(tx, { person, answer, at }) {
    if (typeof answer !== 'string') return false
    for (const { id, secret } of await totpsOf(tx, person)) {
      const step = stepOf(secret, answer, at)
      if (step !== undefined && (await takeStep(tx, id, step, at))) return true
    }
    return false
  },
  removeAll: removeTotps,
}

export const recoveryCodeFactor: SecondFactor = {
  factor: 'recovery-code',
  lasting: false,
  countOf: countRecoveryCodes,
  check: (tx, { person, answer, at }) =>
    typeof answer === 'string'
      ? useRecoveryCode(tx, person, recoveryHash(person, answer), at)
      : Promise.resolve(false),
  removeAll: removeRecoveryCodes,
}
