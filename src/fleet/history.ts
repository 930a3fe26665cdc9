import { checkLimit, isNumber, isUuid, keyOfCursor, pageOf } from '../kernel/page.ts'
import type { Database } from '../storage/database.ts'
import { listConnections } from './connections/store.ts'
import { listFaults } from './faults/store.ts'
import type { Fleet } from './fleet.ts'
import { within } from './groups/within.ts'
import { listNotices } from './notices/store.ts'
import { existing } from './registry/store.ts'
import { unknownCharger } from './registry/view.ts'
import { listSessions } from './sessions/store.ts'
import { listViolations } from './violations/store.ts'
import { listWaiting } from './waiting-room/store.ts'

type History = Pick<
  Fleet,
  'sessions' | 'faults' | 'connections' | 'violations' | 'notices' | 'waitingRoom'
>

/** What has happened, newest first. */
export function openHistory(database: Database): History {
  async function mustExist(identity: string): Promise<void> {
    if (!(await existing(database, [identity])).has(identity)) throw unknownCharger(identity)
  }

  return {
    async sessions(page, filter, scope = 'everywhere') {
      const limit = checkLimit(page)
      const before = keyOfCursor('sessions', page, isUuid)
      const inside = await within(database, scope)
      const rows = await listSessions(database, filter, before, limit + 1, inside)
      return pageOf(
        'sessions',
        limit,
        rows,
        ({ id }) => id,
        (row) => row,
      )
    },
    async faults(page, filter, scope = 'everywhere') {
      const limit = checkLimit(page)
      const before = keyOfCursor('faults', page, isUuid)
      const inside = await within(database, scope)
      const rows = await listFaults(database, filter, before, limit + 1, inside)
      return pageOf(
        'faults',
        limit,
        rows,
        ({ id }) => id,
        (row) => row,
      )
    },
    async connections(identity, page) {
      const limit = checkLimit(page)
      const before = keyOfCursor('connections', page, isNumber)
      await mustExist(identity)
      const rows = await listConnections(database, identity, before, limit + 1)
      const key = ({ epoch }: { epoch: number }): string => String(epoch)
      return pageOf('connections', limit, rows, key, ({ epoch: _epoch, ...record }) => record)
    },
    async violations(identity, page) {
      const limit = checkLimit(page)
      const before = keyOfCursor('violations', page, isNumber)
      await mustExist(identity)
      const rows = await listViolations(database, identity, before, limit + 1)
      const key = ({ id }: { id: number }): string => String(id)
      return pageOf('violations', limit, rows, key, ({ id: _id, ...record }) => record)
    },
    async notices(identity, page) {
      const limit = checkLimit(page)
      const before = keyOfCursor('notices', page, isUuid)
      await mustExist(identity)
      const rows = await listNotices(database, identity, before, limit + 1)
      return pageOf(
        'notices',
        limit,
        rows,
        ({ id }) => id,
        ({ id: _id, ...record }) => record,
      )
    },
    // Nobody has said yet where those who wait belong.
    waitingRoom: async (scope = 'everywhere') =>
      scope === 'everywhere' ? listWaiting(database) : [],
  }
}
