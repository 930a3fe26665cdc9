import type { Permission } from './permission.ts'
import type { Role } from './question.ts'

/** A role with what it is for. */
export interface DescribedRole extends Role {
  readonly description: string
  readonly permissions: readonly (Permission | '*')[]
}

const seeing = [
  'fleet.read',
  'commands.read',
  'access.read',
  'files.read',
  'firmware.read',
  'approvals.read',
  'alerts.read',
  'system.read',
] as const satisfies readonly Permission[]

const supporting = [
  ...seeing,
  'trace.read',
  'files.content',
  'commands.submit',
  'commands.cancel',
  'approvals.request',
] as const satisfies readonly Permission[]

const operating = [
  ...supporting,
  'trace.write',
  'maintenance.write',
  'energy.write',
  'access.write',
  'files.delete',
  // The code in the envelope decides, and everybody hears of it.
  'break-glass.use',
] as const satisfies readonly Permission[]

/**
 * The roles that are always there and never change. Duties are apart: who decides on requests asks for none
 * and operates nothing; who changes people and policy operates nothing; who audits does nothing else.
 */
export const builtInRoles = {
  viewer: {
    name: 'viewer',
    description: 'Sees the fleet and what is done with it',
    permissions: seeing,
    operations: [],
  },
  support: {
    name: 'support',
    description: 'Helps drivers: reads from chargers and does what is routine',
    permissions: supporting,
    operations: ['risk:read', 'risk:routine'],
  },
  operator: {
    name: 'operator',
    description: 'Runs the fleet day by day, disruptive operations included',
    permissions: operating,
    operations: ['risk:read', 'risk:routine', 'risk:disruptive'],
  },
  engineer: {
    name: 'engineer',
    description: 'Builds the fleet up and changes it: every operation, firmware, credentials',
    permissions: [
      ...operating,
      'fleet.write',
      'fleet.credentials',
      'firmware.write',
      'models.write',
      'audit.read',
    ],
    operations: ['*'],
  },
  approver: {
    name: 'approver',
    description: 'Decides on requests of others; asks for nothing and operates nothing',
    permissions: [...seeing, 'approvals.decide', 'policy.read'],
    operations: [],
  },
  'security-admin': {
    name: 'security-admin',
    description:
      'Sees to people, robots and policy, as far as approved by others; operates nothing',
    permissions: [
      'people.read',
      'people.write',
      'tokens.read',
      'tokens.write',
      'policy.read',
      'policy.write',
      'approvals.read',
      'approvals.request',
      'alerts.read',
      'alerts.review',
      'audit.read',
      'audit.manage',
      'audit.erase',
      'break-glass.review',
      'system.read',
    ],
    operations: [],
  },
  auditor: {
    name: 'auditor',
    description: 'Reads and exports the record; nothing else',
    permissions: ['audit.read', 'audit.export'],
    operations: [],
  },
  owner: {
    name: 'owner',
    description: 'May ask for everything; approves no request of their own',
    permissions: ['*'],
    operations: ['*'],
  },
} as const satisfies Record<string, DescribedRole>

export type BuiltInRole = keyof typeof builtInRoles

export function isBuiltIn(name: string): name is BuiltInRole {
  return Object.hasOwn(builtInRoles, name)
}

/**
 * The product acting by itself: sites kept within their limits, chargers taken out of service and put back,
 * new ones asked what they are, certificates renewed and given to chargers that asked. Nobody else can hold it.
 */
export const systemRole: DescribedRole = {
  name: 'system',
  description: 'What the product does by itself; nobody else can hold it',
  permissions: [],
  operations: [
    'power.limit',
    'power.unlimit',
    'charger.availability',
    'charger.interview',
    'charger.report',
    'session.stop',
    'certificate.request',
    'certificate.issue',
  ],
}

/** The robot of the data folder: it works the fleet, and opens the door for the first person. */
export const localRole: DescribedRole = {
  name: 'local',
  description: 'Beside `engineer`, until the first person has enrolled: makes the first invitation',
  permissions: ['people.write'],
  operations: [],
}
