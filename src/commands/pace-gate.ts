import type { Clock, Timer } from '../kernel/clock.ts'
import type { Room } from './pace.ts'

/**
 * Chargers held back by the pace of a command, as this process knows them. As places come free, as many
 * are let to their turn as there is room for: by one timer per command where it is a matter of time, and
 * one after the other where it is a matter of places. A charger that does not take its place passes it on.
 */
export interface PaceGate {
  /** The charger's turn found no room. */
  hold(charger: string, command: string, room: Room): void
  /** A target of the command took its turn: what is left is for others. */
  began(charger: string, command: string, room: Room): void
  /** A place of the command came free. */
  freed(command: string): void
  /** The charger's turn ended without a word on these commands: it does not take their place now. */
  passed(charger: string): void
  /** Nothing is known of how the charger's turn ended. */
  lost(charger: string): void
  /** The charger waits for no place of the command any more. */
  drop(charger: string, command: string): void
  /** It waits and has not been let to its turn. */
  holds(charger: string, command: string): boolean
  /** A moment in the gate's own time, for `keep`. */
  moment(): number
  /** Forgets who was held before the moment and is not among these, by command; then lets one of each command try its luck. */
  keep(waiting: ReadonlyMap<string, ReadonlySet<string>>, moment: number): void
  stop(): void
}

interface Held {
  /** Who waits, in order, and since which moment. */
  readonly waiting: Map<string, number>
  /** Who was let to its turn and has not been heard of. */
  readonly invited: Set<string>
  timer: { readonly from: number; readonly handle: Timer } | undefined
  /** How many in a row passed their place on. */
  passes: number
}

/** How many are invited at most for places that others passed on. */
const mostInvited = 256

export function paceGate(clock: Clock, wake: (charger: string) => void): PaceGate {
  const commands = new Map<string, Held>()
  let now = 0
  let stopped = false

  function heldBy(command: string): Held {
    let held = commands.get(command)
    if (held === undefined)
      commands.set(
        command,
        (held = { waiting: new Map(), invited: new Set(), timer: undefined, passes: 0 }),
      )
    return held
  }

  function forgetEmpty(command: string, held: Held): void {
    if (held.waiting.size > 0 || held.invited.size > 0) return
    held.timer?.handle.cancel()
    commands.delete(command)
  }

  function invite(command: string, held: Held, count: number): void {
    let left = count
    for (const charger of held.waiting.keys()) {
      if (left <= 0) break
      left -= 1
      held.waiting.delete(charger)
      held.invited.add(charger)
      wake(charger)
    }
    forgetEmpty(command, held)
  }

  /** Lets as many in as the room is for: now, or by the command's one timer. */
  function letIn(command: string, held: Held, { places, from }: Room): void {
    if (places <= 0 || held.waiting.size === 0) return forgetEmpty(command, held)
    if (from <= clock.now()) return invite(command, held, places - held.invited.size)
    if (held.timer !== undefined && held.timer.from <= from) return
    held.timer?.handle.cancel()
    const handle = clock.after(from - clock.now(), () => {
      held.timer = undefined
      invite(command, held, 1)
    })
    held.timer = { from, handle }
  }

  return {
    hold(charger, command, room) {
      if (stopped) return
      const held = heldBy(command)
      held.invited.delete(charger)
      held.passes = 0
      if (!held.waiting.has(charger)) held.waiting.set(charger, (now += 1))
      letIn(command, held, room)
    },
    began(charger, command, room) {
      const held = commands.get(command)
      if (held === undefined) return
      held.waiting.delete(charger)
      held.invited.delete(charger)
      held.passes = 0
      letIn(command, held, room)
    },
    freed(command) {
      const held = commands.get(command)
      if (held !== undefined && held.timer === undefined) invite(command, held, 1)
    },
    passed(charger) {
      for (const [command, held] of commands) {
        if (!held.invited.delete(charger)) continue
        held.passes += 1
        invite(command, held, Math.min(2 ** held.passes, mostInvited))
      }
    },
    lost(charger) {
      for (const [command, held] of commands)
        if (held.invited.delete(charger)) forgetEmpty(command, held)
    },
    drop(charger, command) {
      const held = commands.get(command)
      if (held?.waiting.delete(charger) === true) forgetEmpty(command, held)
    },
    holds: (charger, command) => commands.get(command)?.waiting.has(charger) === true,
    moment: () => now,
    keep(waiting, moment) {
      for (const [command, held] of commands) {
        const still = waiting.get(command)
        for (const [charger, since] of held.waiting)
          if (since <= moment && still?.has(charger) !== true) held.waiting.delete(charger)
        for (const charger of held.invited)
          if (still?.has(charger) !== true) held.invited.delete(charger)
        if (held.timer === undefined) invite(command, held, 1)
        else forgetEmpty(command, held)
      }
    },
    stop() {
      stopped = true
      for (const held of commands.values()) held.timer?.handle.cancel()
      commands.clear()
    },
  }
}
