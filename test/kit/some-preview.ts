import type { Outlook, Preview } from '../../src/commands/commands.ts'
import { operationNamed } from '../../src/operations/catalogue.ts'

export const somePreview: Preview = {
  operation: 'charger.reset',
  risk: 'disruptive',
  total: 1,
  can: 0,
  waits: 0,
  cannot: 1,
  runningSessions: 0,
  reasons: [{ verdict: 'cannot', because: 'it cannot', chargers: 1, examples: ['CP 1'] }],
  targets: [
    {
      charger: 'CP 1',
      verdict: 'cannot',
      call: null,
      because: 'it cannot',
      field: 'params.mode',
    },
  ],
}

/** The same with the CALLs it depends on, for the one charger it is about. */
export const someOutlook: Outlook = {
  operation: operationNamed('charger.reset')!,
  notAfter: Date.parse('2026-01-01T01:00:00Z'),
  preview: somePreview,
  plans: [
    {
      ...{ charger: 'CP 1', version: '1.6', vendor: 'Vendor', model: 'M1', firmware: '1.0' },
      action: null,
    },
  ],
}
