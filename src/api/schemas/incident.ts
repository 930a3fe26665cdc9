import { Type } from 'typebox'
import { incidentKinds } from '../../reconciliation/reconcile.ts'
import { moment, nullable, oneOf } from './common.ts'

export const IncidentSchema = Type.Object(
  {
    id: Type.String(),
    kind: oneOf(incidentKinds, {
      description:
        'unexplained-frame: a CALL that no entry of the record announced. uncounted-frames: a gateway sent CALLs without telling.',
    }),
    openedAt: moment(),
    charger: nullable(Type.String()),
    gateway: Type.String(),
    detail: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
    closedAt: nullable(moment()),
    closedBy: nullable(Type.String()),
    finding: nullable(
      Type.String({ description: 'What it was, in the word of whoever closed it' }),
    ),
  },
  { $id: 'Incident', description: 'Something that must not be and was' },
)
