import type { Clock, Timer } from '../src/kernel/clock.ts'
import type { ErrorMeaning } from '../src/ocpp/error-codes.ts'
import { strictRequest } from '../src/ocpp/validation.ts'
import type { Version } from '../src/ocpp/versions.ts'
import { isOutboundAction } from '../src/ocpp/versions.ts'
import type { Counters, ReceivedCall } from './counters.ts'
import { noteInvalid } from './counters.ts'
import type { Link } from './link.ts'
import type { Persona } from './personas.ts'
import type { Random } from './random.ts'
import type { Deed } from './rules.ts'
import { ruleFor } from './rules.ts'
import type { BootStatus, Speaker } from './speaker.ts'
import { isRefusal } from './speaker.ts'

export interface ReceptionSettings {
  readonly version: Version
  readonly clock: Clock
  readonly random: Random
  readonly persona: () => Persona
  readonly link: Link
  readonly speaker: Speaker
  readonly counters: Counters
  /** Checks every CALL against its schema and refuses what does not fit. */
  readonly validates: boolean
  readonly bootStatus: () => BootStatus
  readonly onCall: (call: ReceivedCall) => void
  /** The persona hangs up. */
  readonly hangUp: () => void
  /** The persona restarts. */
  readonly crash: () => void
  /** The persona ends whatever session runs. */
  readonly endSessions: () => void
}

/** Takes in the server's CALLs, checks them strictly, and answers as the persona would. */
export class Reception {
  readonly #settings: ReceptionSettings
  /** Rises with every connection: a late answer does not go out on the next one. */
  #connection = 0
  #pending = 0
  #openedAt = 0
  /** Refuses everything until it restarts. */
  #locked = false
  readonly #delayed = new Set<Timer>()

  constructor(settings: ReceptionSettings) {
    this.#settings = settings
  }

  /** The connection is another one now. */
  reconnected(): void {
    this.#connection += 1
    this.#pending = 0
  }

  opened(): void {
    this.#openedAt = this.#settings.clock.now()
  }

  restarted(): void {
    this.#locked = false
  }

  receive(id: string, action: string, payload: unknown): void {
    const { counters, onCall, clock, persona, random } = this.#settings
    if (this.#pending > 0) counters.overlapping += 1
    onCall({ action, messageId: id, payload, at: clock.now() })
    const wrong = this.#objection(action, payload)
    if (wrong !== undefined) {
      noteInvalid(counters, `${action} ${id}: ${wrong.description}`)
      return this.#error(id, wrong.error, wrong.description)
    }
    if (!this.#mayAnswer(id, payload)) return
    if (this.#locked && action !== 'Reset') return this.#play({ do: 'refuse' }, id, action, payload)
    const moment = {
      sinceOpenMs: clock.now() - this.#openedAt,
      booted: this.#settings.bootStatus() !== 'none',
    }
    const rule = ruleFor(persona(), action, payload, (share) => random.chance(share), moment)
    if (rule === undefined) this.#honest(id, action, payload)
    else this.#play(rule.deed, id, action, payload)
  }

  #objection(
    action: string,
    payload: unknown,
  ): { error: ErrorMeaning; description: string } | undefined {
    const { version, validates } = this.#settings
    if (!isOutboundAction(version, action)) {
      return { error: 'not-implemented', description: `OCPP ${version} knows no ${action}` }
    }
    const description = validates ? strictRequest(version, action, payload) : undefined
    return description === undefined ? undefined : { error: 'format', description }
  }

  /** A rejected charger keeps silent (1.6 4.2) or refuses (2.x B03.FR.08); a boot trigger passes. */
  #mayAnswer(id: string, payload: unknown): boolean {
    const { bootStatus, version, counters } = this.#settings
    if (bootStatus() !== 'rejected') return true
    const asked = payload as { requestedMessage?: unknown }
    if (asked.requestedMessage === 'BootNotification') return true
    if (version === '1.6') counters.ignored += 1
    else this.#error(id, 'security', 'the charger has not been accepted')
    return false
  }

  #honest(id: string, action: string, payload: unknown, acts = true): void {
    const reaction = this.#settings.speaker.react(action, payload)
    if (isRefusal(reaction)) return this.#error(id, reaction.error, reaction.description)
    this.#answer(id, reaction.answer, acts ? reaction.act : undefined)
  }

  #play(deed: Deed, id: string, action: string, payload: unknown): void {
    const { speaker, counters } = this.#settings
    switch (deed.do) {
      case 'delay':
        return this.#later(deed.ms, id, action, payload)
      case 'ignore':
        counters.ignored += 1
        return deed.acts ? this.#actOnly(action, payload) : undefined
      case 'drop':
        counters.dropped += 1
        this.#settings.hangUp()
        return deed.acts ? this.#actOnly(action, payload) : undefined
      case 'crash':
        counters.dropped += 1
        return this.#settings.crash()
      case 'answer':
        this.#answer(id, deed.payload, undefined)
        return deed.acts ? this.#actOnly(action, payload) : undefined
      case 'end-session':
        this.#answer(id, { status: 'Accepted' }, undefined)
        return this.#settings.endSessions()
      case 'pretend':
        return this.#honest(id, action, payload, false)
      case 'error':
        return this.#error(id, deed.meaning, 'this charger answers with an error')
      case 'refuse': {
        const refusal = speaker.refusal(action, payload)
        if ('error' in refusal) return this.#error(id, refusal.error, refusal.description)
        return this.#answer(id, refusal, undefined)
      }
    }
  }

  #actOnly(action: string, payload: unknown): void {
    const reaction = this.#settings.speaker.react(action, payload)
    if (!isRefusal(reaction)) reaction.act?.()
  }

  #later(
    [least, most]: readonly [number, number],
    id: string,
    action: string,
    payload: unknown,
  ): void {
    const { clock, random } = this.#settings
    const connection = this.#connection
    this.#pending += 1
    const timer = clock.after(random.between(least, most), () => {
      this.#delayed.delete(timer)
      if (connection !== this.#connection) return this.#actOnly(action, payload)
      this.#pending -= 1
      this.#honest(id, action, payload)
    })
    this.#delayed.add(timer)
  }

  /** Nothing delayed happens any more. */
  close(): void {
    for (const timer of this.#delayed) timer.cancel()
    this.#delayed.clear()
  }

  #answer(id: string, payload: object, act: (() => void) | undefined): void {
    const { counters, link, persona } = this.#settings
    counters.answered += 1
    if (persona().locksAfterSettings === true && asksForRestart(payload)) this.#locked = true
    const shown = persona().lowersNames === true ? withLowerNames(payload) : payload
    link.answer(id, shown, () => act?.())
  }

  #error(id: string, meaning: ErrorMeaning, description: string): void {
    this.#settings.counters.errorsAnswered += 1
    this.#settings.link.answerError(id, meaning, description.slice(0, 250))
  }
}

function asksForRestart(answer: object): boolean {
  return JSON.stringify(answer).includes('"RebootRequired"')
}

/** Configuration keys, component and variable names in lower case, wherever they stand. */
export function withLowerNames(payload: object): object {
  return lowered(payload, '') as object
}

function lowered(value: unknown, at: string): unknown {
  if (typeof value === 'string') {
    return at === 'key' || at === 'name' || at === 'unknownKey' ? value.toLowerCase() : value
  }
  if (Array.isArray(value)) return value.map((item) => lowered(item, at))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, lowered(inner, field)]),
  )
}
