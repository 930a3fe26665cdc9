import type { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { ProblemError } from '../../kernel/problem.ts'
import type { IdentityFigures } from '../figures.ts'

/** What of a password is looked at: longer ones are strong whatever comes after. */
const lookedAt = 100

// The dictionaries take a moment and some megabytes: they are read when a first password is chosen.
let factory: Promise<ZxcvbnFactory> | undefined

async function readDictionaries(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
    maxLength: lookedAt,
  })
}

/** Refuses a password that is short, or that can be guessed, also from the person's own words. */
export async function checkStrength(
  password: string,
  ownWords: readonly string[],
  { leastLength, leastScore }: IdentityFigures['passwords'],
): Promise<void> {
  if ([...password].length < leastLength)
    throw new ProblemError(
      'invalid-input',
      `must be at least ${leastLength} characters long`,
      'password',
    )
  factory ??= readDictionaries()
  const words = ownWords.flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)])
  const own = [...words.filter((word) => word.length > 2), 'ota', 'control', 'otacontrol']
  const { score, feedback } = (await factory).check(password.slice(0, lookedAt), own)
  if (score >= leastScore) return
  const hints = [feedback.warning, ...feedback.suggestions].filter((hint) => (hint ?? '') !== '')
  throw new ProblemError(
    'invalid-input',
    `is too easy to guess (${score} of 4, ${leastScore} are needed). ${hints.join(' ')}`.trim(),
    'password',
  )
}
