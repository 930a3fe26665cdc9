import { Type } from 'typebox'
import { verdicts } from '../../detection/alert.ts'
import { detectorNames } from '../../detection/detector.ts'
import { detectionModes } from '../../policy/rules/detection.ts'
import { moment, nullable, oneOf, Reason, strict } from './common.ts'

export const AlertSchema = Type.Object(
  {
    id: Type.String(),
    detector: oneOf(detectorNames),
    key: Type.String({ description: 'What it is about, e.g. `actor/…` or `site/…`' }),
    mode: oneOf(detectionModes, { description: 'What was done about it' }),
    actor: Type.Object({ id: Type.String(), name: Type.String() }),
    operation: Type.String({ description: 'The latest one it was about' }),
    sentence: Type.String(),
    observed: Type.Number(),
    baseline: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
    }),
    windowMinutes: Type.Number(),
    chargers: Type.Array(Type.String()),
    firstAt: moment(),
    lastAt: moment(),
    times: Type.Integer(),
    closedAt: nullable(moment()),
    closedBy: nullable(Type.String()),
    verdict: nullable(oneOf(verdicts)),
    finding: nullable(Type.String()),
  },
  { $id: 'Alert', description: 'Something unusual that detection found' },
)

export const AlertReviewSchema = strict({
  verdict: oneOf(verdicts, { description: 'What it was' }),
  finding: Reason,
})
