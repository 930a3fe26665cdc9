import type { AuditEntry } from '../audit/audit.ts'
import { erased } from '../audit/opened.ts'
import { resultOf, type Result } from '../audit/result.ts'
import type { Actor } from '../kernel/actor.ts'
import type { Json } from '../kernel/json.ts'
import { affectedBy, type Affected } from './affected.ts'
import { severities, severityOf } from './severity.ts'

/** The version of the Open Cybersecurity Schema Framework the events are written to. */
export const ocsfVersion = '1.3.0'

type Class = { readonly uid: number; readonly category: number; readonly name: string }
const apiActivity: Class = { uid: 6003, category: 6, name: 'API Activity' }
const authentication: Class = { uid: 3002, category: 3, name: 'Authentication' }
const accountChange: Class = { uid: 3001, category: 3, name: 'Account Change' }
const accessManagement: Class = { uid: 3005, category: 3, name: 'User Access Management' }
const entityManagement: Class = { uid: 3004, category: 3, name: 'Entity Management' }

/** An entry of the record as an OCSF event, one JSON object. */
export function ocsfEvent(entry: AuditEntry, product: { readonly version: string }): Json {
  const kind = classOf(entry.event)
  const activity = activityOf(kind, entry.event)
  const status = statusOf(resultOf(entry))
  const severity = severities.indexOf(severityOf(entry)) + 1
  return {
    class_uid: kind.uid,
    class_name: kind.name,
    category_uid: kind.category,
    activity_id: activity,
    ...(activity === other ? { activity_name: entry.event } : {}),
    type_uid: kind.uid * 100 + activity,
    time: entry.at,
    severity_id: severity,
    status_id: status,
    status_detail: resultOf(entry),
    message: messageOf(entry),
    metadata: {
      version: ocsfVersion,
      uid: String(entry.sequence),
      sequence: entry.sequence,
      log_name: 'audit',
      event_code: entry.event,
      product: { name: 'OTA control', vendor_name: 'OTA control', version: product.version },
      ...(entry.command === undefined ? {} : { correlation_uid: entry.command }),
    },
    actor: {
      user: userOf(entry.actor),
      ...(entry.actor.kind === 'system' ? { app_name: 'OTA control' } : {}),
    },
    ...(ofUsers.has(kind) ? { user: userOf(affectedBy(entry) ?? entry.actor) } : {}),
    ...(kind === accessManagement ? { privileges: [privilegeOf(entry)] } : {}),
    src_endpoint: {
      ...(entry.origin.address === undefined || entry.origin.address === erased
        ? { name: entry.origin.face }
        : { ip: entry.origin.address }),
      svc_name: entry.origin.face,
    },
    ...(kind === apiActivity
      ? {
          api: {
            operation: operationOf(entry),
            ...(entry.origin.requestId === undefined
              ? {}
              : { request: { uid: entry.origin.requestId } }),
            service: { name: 'OTA control' },
          },
        }
      : {}),
    ...(kind === entityManagement
      ? { entity: { name: entry.event.slice(0, entry.event.indexOf('.')), type: 'policy' } }
      : {}),
    ...(entry.charger === undefined
      ? {}
      : { resources: [{ uid: entry.charger, type: 'EV charger' }] }),
    unmapped: {
      ...(entry.reason === undefined ? {} : { reason: entry.reason }),
      ...(entry.dispatch === undefined ? {} : { dispatch: entry.dispatch }),
      detail: entry.detail,
      hash: entry.hash,
    },
  }
}

/** Classes that are about somebody: the one who is changed, who need not be the actor. */
const ofUsers: ReadonlySet<Class> = new Set([authentication, accountChange, accessManagement])

function classOf(event: string): Class {
  if (/^(sign-in|session|step-up|access)\.(?!started|ended-by-charger)/.test(event))
    return event === 'access.denied' || event === 'access.changed' ? apiActivity : authentication
  if (/^(person|invitation|password|factor|passkey|recovery-codes|token)\./.test(event))
    return accountChange
  if (event === 'role.given' || event === 'role.taken') return accessManagement
  if (/^(role|binding|policy|team)\./.test(event)) return entityManagement
  return apiActivity
}

const other = 99
const verbs: readonly (readonly [RegExp, number])[] = [
  [/(added|created|made|registered|uploaded|submitted|begun|issued|enrolled)$/, 1],
  [/(read|downloaded|exported|fetched|presented)$/, 2],
  [/(updated|changed|replaced|renamed|released|assigned|rotated|overridden)$/, 3],
  [/(removed|deleted|revoked|erased|unassigned|dropped|withdrawn)$/, 4],
]

function activityOf(kind: Class, event: string): number {
  const last = event.slice(event.lastIndexOf('.') + 1)
  if (kind === authentication) {
    if (/(signed-out|ended|revoked|expired)$/.test(last)) return 2
    return /(signed-in|succeeded|failed|refused|denied|opened)$/.test(last) ? 1 : other
  }
  if (kind === accessManagement) return last === 'given' ? 1 : 2
  const shapes = kind === accountChange ? accountChanges : verbs
  const told = kind === accountChange ? event : last
  return shapes.find(([shape]) => shape.test(told))?.[1] ?? other
}

/** Locking an account is disabling it: by somebody, until somebody takes it back. */
const accountChanges: readonly (readonly [RegExp, number])[] = [
  [/^(person\.(enrolled|provisioned)|token\.created)$/, 1],
  [/^person\.unlocked$/, 2],
  [/^password\.change/, 3],
  [/^person\.locked$/, 5],
  [/\.revoked$/, 6],
  [/^(factor\.added|passkey\.registered|recovery-codes\.made|person\.factors-renewed)$/, 10],
  [/^(factor\.removed|passkey\.(removed|suspended)|person\.factors-reset)$/, 11],
]

function statusOf(result: Result): number {
  switch (result) {
    case 'succeeded':
      return 1
    case 'failed':
    case 'refused':
    case 'denied':
      return 2
    case 'unknown':
    case 'unverified':
      return 0
    case 'going-on':
      return other
  }
}

const userTypes: Readonly<Partial<Record<string, number>>> = { person: 1, system: 3 }

function userOf({ id, name, kind }: Actor | Affected): Json {
  const type_id = userTypes[kind] ?? other
  return {
    uid: id,
    ...(name === undefined ? {} : { name }),
    type_id,
    ...(type_id === other ? { type: kind } : {}),
  }
}

/** A role at a place in the tree of groups. */
function privilegeOf({ detail: { role, group } }: AuditEntry): string {
  return `${typeof role === 'string' ? role : 'a role'} ${typeof group === 'string' ? `in ${group}` : 'everywhere'}`
}

function operationOf({ event, detail }: AuditEntry): string {
  return typeof detail.operation === 'string' ? `${event} ${detail.operation}` : event
}

/** One line for people: who, what, where and why. */
export function messageOf(entry: AuditEntry): string {
  const where = entry.charger === undefined ? '' : ` on ${entry.charger}`
  const why = entry.reason === undefined ? '' : ` (${entry.reason})`
  return `${entry.actor.name}: ${operationOf(entry)}${where}${why}`
}
