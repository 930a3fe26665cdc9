import type { Table2x } from './answers-2x.ts'
import { tellInPages } from './pages.ts'
import type { Body } from './speaker.ts'

/** What the charger has stored of a customer (2.0.1 N09, N10): what its list of tokens says. */
export function customers2x(body: Body): Table2x {
  return {
    CustomerInformation({ requestId, report, clear, idToken, customerIdentifier }) {
      const token = idToken?.idToken
      const known = token !== undefined && body.list.entries.has(token.toLowerCase())
      const lines = known
        ? [`token ${token}`, 'stored in the local authorisation list']
        : [`nothing is stored about ${token ?? customerIdentifier ?? 'this customer'}`]
      return {
        answer: { status: 'Accepted' },
        act() {
          if (clear && known) {
            const entries = new Map(body.list.entries)
            entries.delete(token.toLowerCase())
            body.list = { ...body.list, entries }
          }
          // N10.FR.06: deleting is confirmed by a report too.
          tellInPages(body, {
            action: 'NotifyCustomerInformation',
            requestId,
            entries: report ? lines : ['cleared'],
            perPage: 1,
            numbered: true,
            page: ([line = '']) => ({ data: line }),
          })
        },
      }
    },
  }
}
