import { Command, Option } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { usage } from '../failure.ts'
import { given } from '../option-values.ts'
import { reasonLines } from '../reasons.ts'
import { session } from '../session.ts'
import { visible } from '../terminal/text.ts'
import { actorOf } from './principals.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'

export function explainCommand(world: World) {
  return new Command('explain')
    .description(
      'Say why somebody can or cannot do something on a charger, and what is still needed.',
    )
    .argument('<who>', 'me, person:<name or id> or robot:<token’s name or id>')
    .argument('<what>', 'an operation such as charger.reset, or an action such as fleet.write')
    .argument('[charger]', 'where; anywhere without it')
    .addOption(
      new Option('--params <json>', 'the operation’s parameters, as JSON').argParser(jsonObject),
    )
    .action(async (who, what, charger, { params }, command) => {
      const one = session(world, command)
      const { server, out } = one
      if (params !== undefined && charger === undefined)
        throw usage('--params needs a charger to ask about')
      const actor = who === 'me' ? undefined : await actorOf(one, who)
      const operations = await server.ask(server.api.GET('/api/v1/operations'))
      const isOperation = operations.items.some(({ name }) => name === what)
      const explanation =
        params !== undefined && charger !== undefined
          ? await server.ask(
              server.api.POST('/api/v1/explain', {
                body: { operation: what, params, chargers: [charger], ...given({ actor }) },
              }),
            )
          : await server.ask(
              server.api.GET('/api/v1/explain', {
                params: {
                  query: {
                    ...given({ actor, charger }),
                    ...(isOperation ? { operation: what } : { permission: what }),
                  },
                },
              }),
            )
      out.show(
        explanation,
        () => text(explanation),
        () => (explanation.allowed ? 'yes' : 'no'),
      )
      if (!explanation.allowed) world.conclude(exitCodes.notDone)
    })
}

function text({
  actor,
  about,
  sentence,
  roles,
  decision,
  missing,
}: Schemas['Explanation']): string {
  const held = roles.map(
    ({ role, group, allows }) =>
      `  ${role} ${group === null ? 'everywhere' : `in ${group}`}${allows ? ', which allows it' : ''}`,
  )
  return [
    visible(`${about} by ${actor.kind} ${actor.id}: ${sentence}`),
    ...(missing === undefined
      ? []
      : [
          `Decided without ${missing.join(', ')}, on which it may depend: give it as --params '{"${missing[0]}":…}'.`,
        ]),
    ...(decision === undefined
      ? []
      : [`Risk: ${decision.risk.level}`, 'Why:', ...reasonLines(decision.reasons)]),
    held.length === 0 ? 'No role is held.' : 'Roles held:',
    ...held.map(visible),
  ].join('\n')
}

function jsonObject(value: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(value)
    if (typeof read === 'object' && read !== null && !Array.isArray(read))
      return read as Record<string, unknown>
  } catch {
    // Refused below.
  }
  throw usage('--params must be a JSON object, e.g. {"mode":"now"}')
}
