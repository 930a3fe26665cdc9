import type { Preview } from '../../src/commands/commands.ts'

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
