import { Type, type Static } from 'typebox'
import type { Operation } from '../../operations/operation.ts'
import type { Json } from '../../kernel/json.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { versions } from '../../ocpp/versions.ts'
import type { App } from '../app.ts'
import { pageOf, refTo, strict } from '../schemas/common.ts'
import { OperationSchema, type VersionSupport } from '../schemas/operation.ts'

const tags = ['operations']

export function operationRoutes(
  app: App,
  { operations }: { operations: readonly Operation[] },
): void {
  const described = operations.map(describeOperation)

  app.get(
    '/api/v1/operations',
    {
      schema: {
        operationId: 'listOperations',
        permission: 'commands.read',
        summary: 'Lists what can be asked of a charger, on one page',
        tags,
        response: { 200: pageOf(refTo(OperationSchema)) },
      },
    },
    () => Promise.resolve({ items: described, nextCursor: null }),
  )

  app.get(
    '/api/v1/operations/:name',
    {
      schema: {
        operationId: 'showOperation',
        permission: 'commands.read',
        summary: 'Shows one operation',
        tags,
        params: strict({ name: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: { 200: refTo(OperationSchema) },
        problems: ['not-found'],
      },
    },
    ({ params }) => {
      const found = described.find(({ name }) => name === params.name)
      if (found === undefined)
        throw new ProblemError('not-found', `there is no operation ${params.name}`, 'name')
      return Promise.resolve(found)
    },
  )
}

/** An operation as the faces show it: everything but the functions. */
export function describeOperation(operation: Operation): Static<typeof OperationSchema> {
  const { effect } = operation
  const support = versions.map((version): [string, VersionSupport] => {
    const plan = operation.versions[version]
    return [
      version,
      'absent' in plan
        ? { supported: false, because: plan.because }
        : { supported: true, action: plan.action },
    ]
  })
  return {
    name: operation.name,
    title: operation.title,
    description: operation.description,
    risk: operation.risk,
    repeatable: operation.repeatable,
    expiresAfterSeconds: operation.expiresAfterMs / 1000,
    params: { ...operation.params },
    versions: Object.fromEntries(support) as Record<(typeof versions)[number], VersionSupport>,
    effect:
      effect.seenIn === 'behaviour'
        ? {
            seenIn: 'behaviour',
            looksLike: effect.looksLike,
            withinSeconds: withinMs(effect.withinMs) / 1000,
          }
        : { seenIn: 'answer' },
    undo: operation.undo ?? null,
  }
}

/** Where the answer decides how long to look, what holds when the answer says nothing of it. */
function withinMs(within: number | ((answer: Json) => number)): number {
  return typeof within === 'number' ? within : within(null)
}
