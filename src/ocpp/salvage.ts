import { cleanse, isHarmfulKey, maxDepth, numberFrom } from './json-text.ts'

/** A value read from text that is no JSON, and what had to be taken for what. */
export interface Salvaged {
  readonly value: unknown
  readonly repairs: readonly string[]
}

/**
 * Reads a frame that JSON.parse refuses, where only one reading makes sense: raw control characters in
 * strings, stray commas, members without a value, brackets missing at the end, text before or after
 * the frame. Undefined where the text could mean different things, e.g. when a number may be cut off.
 * The work is proportional to the length of the text.
 */
export function salvage(text: string): Salvaged | undefined {
  const reader = new TolerantReader(text)
  try {
    const read = cleanse(reader.frame())
    return read.ok
      ? { value: read.value, repairs: [...reader.repairs(), ...read.removed] }
      : undefined
  } catch (error) {
    if (error instanceof Ambiguous) return undefined
    throw error
  }
}

class Ambiguous extends Error {}

/** Stands for a value that is not there. */
const missing = Symbol('missing')

/** What was read last decides whether a text that ends here can be completed. */
type Token = 'open' | 'close' | 'scalar' | 'comma' | 'colon'

/** The envelope array and the payload; a scalar that ends the text deeper down may have lost siblings that give it its meaning. */
const payloadDepth = 2

class TolerantReader {
  readonly #text: string
  readonly #repairs = new Map<string, number>()
  #at = 0
  #open: ('[' | '{')[] = []
  #last: Token = 'open'

  constructor(text: string) {
    this.#text = text
  }

  repairs(): string[] {
    return [...this.#repairs].map(([what, at]) => `${what} (character ${at + 1})`)
  }

  frame(): unknown {
    this.#skip(/[\s\uFEFF\u0000]*/y, 'text before the frame')
    if (this.#text[this.#at] !== '[') throw new Ambiguous()
    const value = this.#array()
    this.#skip(/\s*/y)
    if (this.#at < this.#text.length) this.#repaired('text after the end of the frame')
    return value
  }

  #repaired(what: string): void {
    if (!this.#repairs.has(what)) this.#repairs.set(what, this.#at)
  }

  #skip(pattern: RegExp, unlessBlank?: string): void {
    pattern.lastIndex = this.#at
    const skipped = pattern.exec(this.#text)?.[0] ?? ''
    if (unlessBlank !== undefined && /[^ \t\r\n]/.test(skipped)) this.#repaired(unlessBlank)
    this.#at += skipped.length
  }

  #peek(): string | undefined {
    this.#skip(/[\s\u0000]*/y)
    return this.#text[this.#at]
  }

  #take(token: Token): void {
    this.#at += 1
    this.#last = token
  }

  #enter(bracket: '[' | '{'): void {
    if (this.#open.length >= maxDepth) throw new Ambiguous()
    this.#open.push(bracket)
    this.#take('open')
  }

  #leave(): void {
    this.#open.pop()
    this.#last = 'close'
  }

  #object(): Record<string, unknown> {
    this.#enter('{')
    const members: Record<string, unknown> = {}
    while (!this.#ends('}')) {
      if (this.#text[this.#at] !== '"') throw new Ambiguous()
      const key = this.#string()
      if (this.#peek() !== ':') throw new Ambiguous()
      this.#take('colon')
      const value = this.#value()
      if (value === missing) this.#repaired(`no value for "${key.slice(0, 40)}"`)
      else if (isHarmfulKey(key)) this.#repaired(`the key ${key}`)
      else members[key] = value
    }
    return members
  }

  #array(): unknown[] {
    this.#enter('[')
    const items: unknown[] = []
    while (!this.#ends(']')) {
      const item = this.#value()
      if (item === missing) throw new Ambiguous()
      items.push(item)
    }
    return items
  }

  /** Moves to the next member, or past the end of this object or array, and says whether it was the end. */
  #ends(closer: ']' | '}'): boolean {
    for (;;) {
      const next = this.#peek()
      if (next === undefined) return this.#endsWithText()
      if (next === ',') {
        if (this.#last === 'open' || this.#last === 'comma') this.#repaired('a stray comma')
        this.#take('comma')
      } else if (next === closer) {
        if (this.#last === 'comma') this.#repaired('a stray comma')
        this.#at += 1
        this.#leave()
        return true
      } else if (next === ']' || next === '}') {
        if (!this.#strayCloser(next)) continue
        return true
      } else {
        if (this.#last === 'close' || this.#last === 'scalar') this.#repaired('a missing comma')
        return false
      }
    }
  }

  /** A bracket of the wrong kind: it closes our parent, or closes nothing. Says whether it ends what is open. */
  #strayCloser(closer: ']' | '}'): boolean {
    const parent = this.#open.at(-2)
    if (parent === undefined) {
      this.#repaired('a stray bracket')
      this.#at += 1
      return false
    }
    if (parent !== (closer === ']' ? '[' : '{')) throw new Ambiguous()
    this.#repaired('a missing bracket')
    this.#leave()
    return true
  }

  #endsWithText(): boolean {
    const whole =
      this.#last === 'close' || (this.#last === 'scalar' && this.#open.length <= payloadDepth)
    if (!whole) throw new Ambiguous()
    this.#repaired('missing brackets at the end')
    this.#leave()
    return true
  }

  #value(): unknown {
    const first = this.#peek()
    if (first === '{') return this.#object()
    if (first === '[') return this.#array()
    if (first === '"') return this.#string()
    return this.#bareWord()
  }

  #bareWord(): unknown {
    const pattern = /[^\s,:"[\]{}\u0000]*/y
    pattern.lastIndex = this.#at
    const word = pattern.exec(this.#text)?.[0] ?? ''
    const end = this.#at + word.length
    const value = meaningOf(word)
    if (value === undefined) throw new Ambiguous()
    const mayBeCut = end >= this.#text.length && typeof value !== 'boolean' && value !== null
    if (mayBeCut) throw new Ambiguous()
    if (value !== missing && !isJson(word)) this.#repaired(`"${word.slice(0, 40)}" for a value`)
    this.#at = end
    if (value !== missing) this.#last = 'scalar'
    return value
  }

  #string(): string {
    const start = this.#at + 1
    let end = start
    let plain = true
    for (;;) {
      const code = this.#text.charCodeAt(end)
      if (Number.isNaN(code)) throw new Ambiguous()
      if (code === 0x22) break
      if (code === 0x5c || code < 0x20) plain = false
      end += code === 0x5c ? 2 : 1
    }
    const raw = this.#text.slice(start, end)
    const value = plain ? raw : this.#unescaped(raw)
    this.#at = end + 1
    this.#last = 'scalar'
    return value
  }

  #unescaped(raw: string): string {
    const escaped = raw.replace(/[\u0000-\u001f]/g, (character) => {
      this.#repaired('control characters in a string')
      return character === '\u0000' ? '' : JSON.stringify(character).slice(1, -1)
    })
    const sound = escaped.replace(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|)/g, (sequence) => {
      if (sequence.length > 1) return sequence
      this.#repaired('a backslash that escapes nothing')
      return '\\\\'
    })
    return JSON.parse(`"${sound}"`) as string
  }
}

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['', missing],
  ['true', true],
  ['false', false],
  ['null', null],
  ['none', null],
  ['nil', null],
  ['undefined', null],
  ['nan', null],
  ['-nan', null],
  ['inf', null],
  ['-inf', null],
  ['infinity', null],
  ['-infinity', null],
])

function isJson(word: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(word)
}

/** What a word outside quotes stands for. A number with leading zeros is kept as text: it may be a token. */
function meaningOf(word: string): unknown {
  const lower = word.toLowerCase()
  if (words.has(lower)) return words.get(lower)
  const number = /^\+?(-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/.exec(word)?.[1]
  if (number === undefined) return undefined
  return /^-?0\d/.test(number) ? number : numberFrom(number)
}
