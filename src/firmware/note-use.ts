import { ProblemError } from '../kernel/problem.ts'
import type { Supplied } from '../operations/supply.ts'
import type { Write } from '../storage/database.ts'
import { noteFirstUse } from './store.ts'

/**
 * A command that takes an image keeps it from being deleted, from the transaction that records the command.
 * An image deleted since it was looked at takes the command with it.
 */
export const noteFirmwareUse: Write<Supplied> = {
  name: 'firmware.use',
  stage: 'consequence',
  async apply(tx, items) {
    const [first, ...others] = items.flatMap(({ request, at }) =>
      request.kind === 'firmware' ? [{ image: request.image, at }] : [],
    )
    if (first !== undefined) {
      const images = new Set([first, ...others].map(({ image }) => image))
      const there = await noteFirstUse(tx, [...images], first.at)
      for (const image of images)
        if (!there.has(image))
          throw new ProblemError('not-found', `there is no firmware image ${image}`, 'params.image')
    }
    return items.map(() => undefined)
  },
}
