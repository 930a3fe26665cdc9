import type { Audit } from '../audit/audit.ts'
import type { Supplied } from '../operations/supply.ts'
import type { Tx, Write } from '../storage/database.ts'
import type { Updated } from './aftermath.ts'
import { keyedCommands, nameOf } from './idempotency.ts'
import type { KeyOfActor } from './idempotency.ts'
import { placeOf } from './new-command.ts'
import type { NewCommand, NewDispatch } from './new-command.ts'
import {
  insertCommands,
  insertDispatches,
  insertSupplies,
  recordSubmissions,
} from './submission-rows.ts'
import { refuseShutOut } from './shut-out.ts'
import { supersede } from './supersede.ts'
import type { Superseded } from './supersede.ts'

export type Submitted =
  | {
      readonly kind: 'created'
      /** Chargers by the state of their target. */
      readonly targets: ReadonlyMap<NewState, readonly string[]>
      /** Older targets that this command took the place of. */
      readonly superseded: readonly Updated[]
    }
  /** The same idempotency key with the same content. */
  | { readonly kind: 'existing'; readonly id: string }
  | { readonly kind: 'different' }

/** States a target can be in once its submission is recorded. */
type NewState = 'queued' | 'refused' | 'superseded'

/** Records submissions: idempotency, conflicts with what is under way, rows and audit entries, all in one transaction. */
export function submitWrite(
  audit: Audit,
  supplied?: Write<Supplied>,
): Write<NewCommand, Submitted> {
  return {
    name: 'command.submit',
    stage: 'state',
    // Another node recorded the same key, a command for the same place or under the same approval, since we looked.
    collidesOn: ['command_idempotency', 'dispatch_exclusive', 'command_approval'],
    async apply(tx, items, also) {
      refuseShutOut(
        tx,
        items.map(({ context }) => context.actor),
      )
      const known = await keyedCommands(tx, items.flatMap(keysOf))
      const busy = await busyPlaces(tx, items)
      const accepted = new Map<NewCommand, readonly NewDispatch[]>()
      const older = items.map((item): Submitted | undefined => {
        for (const key of keysOf(item).map(nameOf)) {
          const before = known.get(key)
          if (before !== undefined)
            return before.digest === item.checked.digest
              ? { kind: 'existing', id: before.id }
              : { kind: 'different' }
          known.set(key, { id: item.id, digest: item.checked.digest })
        }
        accepted.set(
          item,
          item.targets.map((target) => newDispatch(item, target, busy)),
        )
        return undefined
      })
      const commands = [...accepted.keys()]
      const dispatches = [...accepted.values()].flat()
      insertCommands(tx, commands)
      insertSupplies(tx, commands)
      if (supplied !== undefined)
        for (const { supply, at } of commands)
          if (supply !== undefined) also(supplied, { request: supply.request, at })
      insertDispatches(tx, dispatches)
      recordSubmissions(commands, dispatches, audit, also)
      const superseded = await supersede(tx, superseding(accepted), audit, also)
      return items.map((item, index) => older[index] ?? created(accepted.get(item)!, superseded))
    },
  }
}

function superseding(accepted: ReadonlyMap<NewCommand, readonly NewDispatch[]>): NewDispatch[] {
  return [...accepted].flatMap(([item, mine]) =>
    item.checked.operation.conflict.when === 'supersede' ? mine : [],
  )
}

function created(mine: readonly NewDispatch[], superseded: readonly Superseded[]): Submitted {
  const gone = new Set(superseded.map(({ id }) => id))
  const own = new Set(mine.map(({ id }) => id))
  const byState = Map.groupBy(mine, ({ id, state }): NewState =>
    gone.has(id) ? 'superseded' : state,
  )
  return {
    kind: 'created',
    targets: new Map(
      [...byState].map(([state, those]) => [state, those.map((one) => one.charger)]),
    ),
    superseded: superseded.filter(({ by }) => own.has(by)),
  }
}

function keysOf({ context, checked }: NewCommand): KeyOfActor[] {
  const { idempotencyKey: key } = checked.submission
  return key === undefined ? [] : [{ actor: context.actor.id, key }]
}

function scopeOf({ checked: { operation, submission } }: NewCommand): string | null {
  const { conflict } = operation
  return conflict.scope?.(submission.params) ?? (conflict.when === 'never' ? null : '')
}

/** Where an unsettled command of the same operation and scope already is. */
async function busyPlaces(tx: Tx, items: readonly NewCommand[]): Promise<Map<string, string>> {
  const wanted = items
    .filter((item) => item.checked.operation.conflict.when === 'refuse')
    .flatMap((item) =>
      item.targets.map(({ charger }) => ({ charger, operation: item.checked.operation.name })),
    )
  if (wanted.length === 0) return new Map()
  const { rows } = await tx.query<{
    charger: string
    operation: string
    scope: string
    command: string
  }>(
    `SELECT d.charger, d.operation, d.scope, d.command FROM dispatch d
     JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS w (charger, operation)) w USING (charger, operation)
     WHERE d.exclusive AND d.state IN ('queued', 'sending', 'sent', 'accepted')`,
    [wanted.map((one) => one.charger), wanted.map((one) => one.operation)],
  )
  return new Map(rows.map((row) => [placeOf(row.charger, row.operation, row.scope), row.command]))
}

function newDispatch(
  item: NewCommand,
  target: { id: string; charger: string },
  busy: Map<string, string>,
): NewDispatch {
  const { operation, notAfter, maxRunning, perMinute } = item.checked
  const scope = scopeOf(item)
  const exclusive = operation.conflict.when === 'refuse'
  const place = placeOf(target.charger, operation.name, scope ?? '')
  const other = exclusive ? busy.get(place) : undefined
  if (exclusive && other === undefined) busy.set(place, item.id)
  return {
    id: target.id,
    command: item.id,
    charger: target.charger,
    operation: operation.name,
    scope,
    exclusive,
    paced: item.targets.length > maxRunning || perMinute !== null,
    state: other === undefined ? 'queued' : 'refused',
    ready: other === undefined,
    not_after: notAfter,
    detail:
      other === undefined
        ? null
        : `command ${other} asks the same of this charger and is not settled yet`,
    updated_at: item.at,
  }
}
