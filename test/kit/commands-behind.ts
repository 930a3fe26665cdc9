import type { TestContext } from 'node:test'
import type {
  CommandDetail,
  DispatchState,
  Submission,
  Target,
} from '../../src/commands/commands.ts'
import { apiWorld, someCharger, someCommand, someEntry, someTarget } from './api-world.ts'
import { listening } from './otactl.ts'

/** A command on one charger, having passed through these states. */
export function passed(
  states: readonly DispatchState[],
  more: Partial<Target> = {},
): CommandDetail {
  const state = states.at(-1)!
  const settled = !['submitted', 'queued', 'sending', 'sent', 'accepted'].includes(state)
  return {
    ...someCommand,
    params: { mode: 'now' },
    state,
    total: 1,
    counts: { [state]: 1 },
    settled,
    targets: [{ ...someTarget, state, outcome: null, ...more }],
    history: states.map((one, index) => ({
      ...someEntry,
      sequence: index + 1,
      event: `command.${one}`,
      charger: 'CP 1',
      detail: one === 'sending' ? { call: someTarget.call } : {},
    })),
  }
}

/** An API whose commands go through these looks, one after the other; the last stays. */
export async function behind(t: TestContext, looks: readonly CommandDetail[]) {
  const submitted: Submission[] = []
  let looked = 0
  const world = await apiWorld(t, {
    fleet: {
      show: () => Promise.resolve({ ...someCharger, connected: false }),
      list: () =>
        Promise.resolve({
          items: ['A', 'B', 'C'].map((identity) => ({ ...someCharger, identity })),
          nextCursor: null,
        }),
    },
    commands: {
      submit(_context, submission) {
        submitted.push(submission)
        return Promise.resolve(looks[0]!)
      },
      show: () => Promise.resolve(looks[Math.min(looked++, looks.length - 1)]!),
      targets: () => Promise.resolve({ items: looks[0]!.targets, nextCursor: null }),
    },
  })
  const url = await listening(world)
  return { world, url, submitted, looked: () => looked }
}
