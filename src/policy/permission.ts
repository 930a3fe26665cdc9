/**
 * What a role can allow beside operations: the actions of the API. Every route declares exactly one of
 * them, or that it needs none (`RoutePermission`).
 */
export const permissions = {
  'fleet.read': 'See chargers, groups, sessions, faults, settings, the timeline and events',
  'fleet.write': 'Register, change, import and remove chargers and groups; say what a model can',
  'fleet.credentials': 'Make charger credentials and certificates; admit chargers that wait',
  'commands.read': 'See commands and what became of them; look ahead',
  'commands.submit': 'Submit commands, each by its own operation permission',
  'commands.cancel': 'Cancel what has not been sent yet',
  'maintenance.write': 'Take chargers out of service and back, commission them',
  'energy.write': 'Set and lift site limits',
  'access.read': 'See token lists, tokens and where they are assigned',
  'access.write': 'Change token lists, tokens and assignments',
  'files.read': 'See which files there are',
  'files.content': 'Download what chargers uploaded',
  'files.delete': 'Delete what chargers uploaded',
  'firmware.read': 'See firmware images',
  'firmware.write': 'Upload, hold, release and withdraw firmware images',
  'trace.read': 'See the messages of chargers',
  'trace.write': 'Begin and end the trace of a charger',
  'models.write': 'Override what is known of a charger’s capabilities',
  'audit.read': 'Search the record',
  'audit.export': 'Export the record and its proofs',
  'audit.manage': 'Review incidents',
  'audit.erase': 'Erase the personal data of somebody in the record',
  'people.read': 'See people, robots and their sessions',
  'people.write': 'Invite, change and lock people; end their sessions; ask for resets of factors',
  'tokens.read': 'See API tokens',
  'tokens.write': 'Make and revoke API tokens; ask for those that give much',
  'policy.read': 'See roles, bindings and policy; ask why somebody can or cannot',
  'policy.write': 'Ask for changes of roles, bindings and policy',
  'approvals.read': 'See requests for approval',
  'approvals.request': 'Ask for approval',
  'approvals.decide': 'Approve and veto requests, as far as the request’s own rule lets this role',
  'alerts.read': 'See alerts of detection',
  'alerts.review': 'Close alerts and say what they were',
  'break-glass.prepare': 'Ask for break-glass accounts and changes of them; seal and retire them',
  'break-glass.use': 'Take a break-glass account into use',
  'break-glass.review': 'Review the use of a break-glass account',
  'system.read': 'See the system’s own state',
} as const satisfies Record<string, string>

export type Permission = keyof typeof permissions

/**
 * What a route asks of whoever calls it.
 * `open`: nothing, not even a sign-in. `self`: to be signed in; it concerns the caller alone.
 */
export type RoutePermission = Permission | 'open' | 'self'
