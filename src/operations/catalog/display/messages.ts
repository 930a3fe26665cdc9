import Type from 'typebox'

export const priorities = {
  'always-front': 'AlwaysFront',
  'in-front': 'InFront',
  normal: 'NormalCycle',
} as const
export type Priority = keyof typeof priorities

export const states = {
  charging: 'Charging',
  faulted: 'Faulted',
  idle: 'Idle',
  unavailable: 'Unavailable',
} as const
export type State = keyof typeof states

export const priorityParam = Type.Enum(Object.keys(priorities) as Priority[], {
  description: 'always-front before everything; in-front before the others; normal in turn',
})
export const stateParam = Type.Enum(Object.keys(states) as State[], {
  description: 'Only while the charger is in this state',
})
export const messageId = Type.Integer({ minimum: 0, maximum: 2_147_483_647 })

export const noDisplay16 =
  'OCPP 1.6 has no messages for displays; a vendor’s own way goes through vendor.message'
