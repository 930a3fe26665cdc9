import type { Audit } from '../audit/audit.ts'
import { isUuid } from '../kernel/page.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Context } from '../kernel/actor.ts'
import type { ApprovedRequests } from '../policy/approved.ts'
import { change, type Database } from '../storage/database.ts'
import { commandKindNames, differenceFrom, type CommandContent } from './command-content.ts'
import { frameOf } from './judge.ts'
import { intact } from './intact.ts'
import { after } from './life.ts'
import { decisionsOf, readRequest } from './store.ts'
import { useWrite } from './use.ts'

/** The gate's side: it stands below commands, which the rest of this room needs. */
export function openApprovedRequests({
  database,
  audit,
  clock,
}: {
  readonly database: Database
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
}): ApprovedRequests & { readonly write: ReturnType<typeof useWrite> } {
  const write = useWrite(audit)
  return {
    write,
    async granted(approval, actor, asked) {
      const row = isUuid(approval) ? await readRequest(database, approval) : undefined
      if (row === undefined) return { because: 'there is no such request' }
      const request = intact(row)
      if ('broken' in request) return { because: request.broken }
      const { document } = request
      if (!commandKindNames.includes(document.kind))
        return { because: 'it is no request for a command' }
      if (document.requestedBy.id !== actor) return { because: 'somebody else asked for it' }
      const next = after('execute', row.standing, frameOf(document), clock.now())
      if ('refused' in next) return { because: next.refused }
      const content = document.content as unknown as CommandContent
      const difference = differenceFrom(content, document, asked)
      if (difference !== undefined)
        return { because: `its ${difference} are not what was approved` }
      const decisions = await decisionsOf(database, [approval])
      return {
        id: approval,
        digest: row.digest,
        approvers: decisions
          .filter(({ deed, digest }) => deed === 'approve' && digest === row.digest)
          .map(({ person, roles }) => ({ id: person, roles })),
        requestedAt: document.requestedAt,
        ...(document.freshMs === null ? {} : { freshMs: document.freshMs }),
      }
    },
    use: ({ id, digest }, context: Context) =>
      change(write, { id, digest, at: clock.now(), context }),
  }
}
