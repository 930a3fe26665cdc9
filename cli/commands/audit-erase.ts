import { Command } from '@commander-js/extra-typings'
import { session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import type { World } from '../world.ts'
import { reasonOption } from './options.ts'

export function eraseCommand(world: World) {
  return new Command('erase')
    .description(
      'Erase the personal data of somebody in the record, for good. Entries and their proofs stay.',
    )
    .argument('<subject>', 'person:<id>, robot:<id>, token:<idTag> or customer:<identifier>')
    .addOption(reasonOption())
    .action(async (subject, { reason }, command) => {
      const { server, out } = session(world, command)
      const erased = await server.ask(
        server.api.POST('/api/v1/audit/erasures', { body: { subject, reason } }),
      )
      out.show(
        erased,
        () =>
          `${erased.values} personal values of ${visible(erased.subject)} are erased, in ${erased.entries} entries.`,
      )
    })
}
