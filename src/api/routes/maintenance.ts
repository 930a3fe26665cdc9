import type { Static } from 'typebox'
import type { MaintenanceDoor, Target } from '../../upkeep/upkeep.ts'
import type { App } from '../app.ts'
import type { TargetsSchema } from '../schemas/command.ts'
import type { Frozen } from '../schemas/common.ts'
import { IdentityParams, pageOf, pageRequest, refTo } from '../schemas/common.ts'
import {
  MaintenanceLeaveManySchema,
  MaintenanceLeaveQuery,
  MaintenanceManySchema,
  MaintenanceQuery,
  MaintenanceReportSchema,
  MaintenanceSchema,
  MaintenanceWishSchema,
} from '../schemas/maintenance.ts'
import { placed, selectorOf } from './commands.ts'

const tags = ['maintenance']
/** What the policy may say against taking chargers out of service. */
const againstIt = ['denied', 'approval-needed', 'step-up-needed'] as const

export function maintenanceRoutes(
  app: App,
  { maintenance }: { readonly maintenance: MaintenanceDoor },
): void {
  app.get(
    '/api/v1/maintenance',
    {
      schema: {
        operationId: 'listMaintenance',
        permission: 'fleet.read',
        summary: 'Lists chargers under maintenance and those being put back, by identity',
        tags,
        querystring: MaintenanceQuery,
        response: { 200: pageOf(refTo(MaintenanceSchema)) },
      },
    },
    async ({ query, scope }) => {
      const { state, standing } = query
      const filter = {
        ...(state === undefined ? {} : { state }),
        ...(standing === undefined ? {} : { standing }),
      }
      return await maintenance.list(pageRequest(query), filter, scope)
    },
  )

  app.get(
    '/api/v1/chargers/:identity/maintenance',
    {
      schema: {
        operationId: 'showMaintenance',
        permission: 'fleet.read',
        about: 'charger',
        summary: 'Shows the maintenance of a charger',
        tags,
        params: IdentityParams,
        response: { 200: refTo(MaintenanceSchema) },
        problems: ['not-found'],
      },
    },
    async ({ params }) => await maintenance.show(params.identity),
  )

  app.put(
    '/api/v1/chargers/:identity/maintenance',
    {
      schema: {
        operationId: 'enterMaintenance',
        permission: 'maintenance.write',
        about: 'charger',
        summary: 'Puts a charger under maintenance, or changes how it is',
        description:
          'In force when it is answered: starts are refused and automation stays away. The charger is taken out of service and kept there over reboots and reconnects; one that is offline is told when it connects. Everything is said anew: `until` left out means until somebody ends it.',
        tags,
        params: IdentityParams,
        body: refTo(MaintenanceWishSchema),
        response: { 200: refTo(MaintenanceSchema) },
        problems: ['not-found', 'held-by-another', ...againstIt],
      },
    },
    async ({ params, body, caller }) => await maintenance.enter(caller, params.identity, body),
  )

  app.delete(
    '/api/v1/chargers/:identity/maintenance',
    {
      schema: {
        operationId: 'leaveMaintenance',
        permission: 'maintenance.write',
        about: 'charger',
        summary: 'Ends the maintenance of a charger and puts it back as it was before',
        description:
          'Connectors that were in service before come back into service; those that were not stay out. Said again of a charger that does not come back, it is told once more.',
        tags,
        params: IdentityParams,
        querystring: MaintenanceLeaveQuery,
        response: { 200: refTo(MaintenanceSchema) },
        problems: ['not-found', 'held-by-another'],
      },
    },
    async ({ params, query, caller }) =>
      await maintenance.leave(caller, params.identity, { ...query }),
  )

  selectionRoutes(app, maintenance)
}

function selectionRoutes(app: App, maintenance: MaintenanceDoor): void {
  app.post(
    '/api/v1/maintenance',
    {
      schema: {
        operationId: 'enterMaintenanceOfMany',
        permission: 'maintenance.write',
        summary: 'Puts chargers under maintenance',
        description:
          'Those that somebody else holds stay as they are and are named, unless they are taken over.',
        tags,
        body: refTo(MaintenanceManySchema),
        response: { 200: refTo(MaintenanceReportSchema) },
        problems: ['no-target', 'too-many-targets', ...againstIt],
      },
    },
    async ({ body, caller, scope }) => {
      const { target, ...wish } = body
      return await named(target, (meant) => maintenance.enterMany(caller, meant, wish, scope))
    },
  )

  app.post(
    '/api/v1/maintenance/leave',
    {
      schema: {
        operationId: 'leaveMaintenanceOfMany',
        permission: 'maintenance.write',
        summary: 'Ends the maintenance of chargers and puts them back as they were before',
        tags,
        body: refTo(MaintenanceLeaveManySchema),
        response: { 200: refTo(MaintenanceReportSchema) },
        problems: ['no-target', 'too-many-targets'],
      },
    },
    async ({ body, caller, scope }) => {
      const { target, ...wish } = body
      return await named(target, (meant) => maintenance.leaveMany(caller, meant, wish, scope))
    },
  )
}

/** What is wrong with the target is named by its place in the body. */
async function named<Report>(
  target: Frozen<Static<typeof TargetsSchema>>,
  work: (target: Target) => Promise<Report>,
): Promise<Report> {
  const meant: Target =
    target.chargers === undefined
      ? { select: selectorOf(target.select ?? {}) }
      : { chargers: target.chargers }
  try {
    return await work(meant)
  } catch (error) {
    throw placed(error, 'chargers' in meant ? 'target.chargers' : 'target.select')
  }
}
