import { Command, Option } from '@commander-js/extra-typings'
import { session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import type { World } from '../world.ts'
import { reasonOption } from './options.ts'

const profiles = ['1', '2', '3'] as const

export function securityCommand(world: World) {
  return new Command('security')
    .description(
      'Say with which security profile a charger may connect at least. It rises by itself to what the charger has used.',
    )
    .argument('<identity>')
    .addOption(
      new Option('--lowest <profile>', '1: password; 2: password over TLS; 3: certificate')
        .choices(profiles)
        .makeOptionMandatory(),
    )
    .addOption(reasonOption())
    .action(async (identity, { lowest, reason }, command) => {
      const { server, out } = session(world, command)
      const charger = await server.ask(
        server.api.PUT('/api/v1/chargers/{identity}/lowest-security-profile', {
          params: { path: { identity } },
          body: { lowest: Number(lowest) as 1 | 2 | 3, reason },
        }),
      )
      out.show(
        charger,
        () =>
          `${visible(charger.identity)} connects with security profile ${charger.lowestSecurityProfile} or above.`,
        () => charger.identity,
      )
    })
}
