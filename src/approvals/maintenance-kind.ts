import { Type } from 'typebox'
import { covers } from '../fleet/groups/scope.ts'
import type { JsonObject } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import { isNowhere } from '../policy/rights.ts'
import { maintenanceCommand, purposeOf } from '../upkeep/maintenance/weighed.ts'
import type { MaintenanceDoor, MaintenanceWish } from '../upkeep/upkeep.ts'
import type { CommandContent } from './command-content.ts'
import { maintenanceKindName } from './command-content.ts'
import {
  commandWithin,
  lookAtCommand,
  mayAskForCommands,
  prepareCommand,
  summaryOf,
  type CommandKindOptions,
} from './command-kind.ts'
import type { RequestKind } from './kind.ts'

export interface MaintenanceKindOptions extends CommandKindOptions {
  readonly maintenance: Pick<MaintenanceDoor, 'enterMany' | 'checkWish'>
}

type Asked = Omit<MaintenanceWish, 'reason'> & { readonly target: JsonObject }

const AskedSchema = Type.Object(
  {
    target: Type.Object({}, { additionalProperties: true }),
    until: Type.Optional(Type.String()),
    sessions: Type.Optional(Type.Enum(['wait', 'stop'])),
    takeOver: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

/** Maintenance of so many chargers that others have to agree to taking them out of service. */
export function maintenanceKind(options: MaintenanceKindOptions): RequestKind {
  return {
    name: maintenanceKindName,
    description: 'Chargers put under maintenance, with the exact chargers',
    schema: AskedSchema,
    editsRules: false,
    bootstrap: false,
    async mayAsk(caller) {
      await mayAskForCommands(options, caller)
      if (isNowhere((await options.gate.rightsOf(caller)).scopeOf('maintenance.write')))
        throw new ProblemError('not-permitted', 'none of their roles allows maintenance')
    },
    async prepare(context, asked) {
      const { target, ...wish } = asked.content as unknown as Asked
      options.maintenance.checkWish({ ...wish, reason: asked.reason })
      const command = { ...maintenanceCommand, target }
      const prepared = await prepareCommand(options, context, { ...asked, content: command })
      const where = (await options.gate.rightsOf(context)).scopeOf('maintenance.write')
      const outside = prepared.groups.find((group) => !covers(where, group))
      if (outside !== undefined)
        throw new ProblemError('not-permitted', 'you may put no chargers there under maintenance')
      const purpose = purposeOf(wish)
      const { chargers } = prepared.content as unknown as CommandContent
      return {
        ...prepared,
        summary: summaryOf('Put under maintenance', chargers),
        content: { ...prepared.content, purpose },
      }
    },
    within: (request, scope) => commandWithin(options, request, scope),
    look: (content, plan) => lookAtCommand(options, content, plan),
    async execute(context, { id, content, reason, ticket }) {
      const { chargers, purpose } = content as unknown as CommandContent
      const { maintenance: wish } = purpose as {
        readonly maintenance: Omit<MaintenanceWish, 'reason'>
      }
      const why = { reason, ...(ticket === null ? {} : { ticket }) }
      const target = { chargers }
      await options.maintenance.enterMany(context, target, { ...wish, ...why }, 'everywhere', id)
      return undefined
    },
  }
}
