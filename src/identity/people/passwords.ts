import { hash as argon2, verify as argon2Verify, type Options } from '@node-rs/argon2'
import { ProblemError } from '../../kernel/problem.ts'

/** argon2id as RFC 9106 recommends it where memory is scarce. */
export const ordinaryCost: PasswordCost = { memoryCost: 65_536, timeCost: 3, parallelism: 4 }
export type PasswordCost = Required<Pick<Options, 'memoryCost' | 'timeCost' | 'parallelism'>>

/** Hashes of passwords. Each takes time and memory on purpose, so that few are made at once. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** Whether it is the password; takes as long where there is none to compare with. */
  verify(hash: string | null, password: string): Promise<boolean>
}

const atOnce = 2
const mostWaiting = 50

export function openPasswords(cost: PasswordCost = ordinaryCost): Passwords {
  const inTurn = fewAtOnce(atOnce, mostWaiting)
  // Of nobody's password. Made when it is first needed.
  let standIn: Promise<string> | undefined
  return {
    hash: (password) => inTurn(() => argon2(password.normalize('NFKC'), cost)),
    verify: (hash, password) =>
      inTurn(async () => {
        standIn ??= argon2('no one', cost)
        const fits = await argon2Verify(hash ?? (await standIn), password.normalize('NFKC'))
        return fits && hash !== null
      }),
  }
}

function fewAtOnce(most: number, mostWaiting: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) {
      if (waiting.length >= mostWaiting)
        throw new ProblemError('overloaded', 'too many sign-ins wait already')
      await new Promise<void>((turn) => waiting.push(turn))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
