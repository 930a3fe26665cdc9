import { Type } from 'typebox'
import type { Clock } from '../../kernel/clock.ts'
import { problemCatalogue, ProblemError, type ProblemCode } from '../../kernel/problem.ts'
import type { App, SystemFacts } from '../app.ts'
import { problemExplanations } from '../problem-explanations.ts'
import { pageOf, refTo, strict } from '../schemas/common.ts'
import { ProblemCodeSchema, SystemSchema } from '../schemas/system.ts'

const tags = ['system']

export function systemRoutes(
  app: App,
  { system, clock }: { system: SystemFacts; clock: Clock },
): void {
  app.get(
    '/api/v1/system',
    {
      schema: {
        operationId: 'showSystem',
        permission: 'system.read',
        summary: 'Shows the version and where everything listens',
        tags,
        response: { 200: refTo(SystemSchema) },
      },
    },
    () =>
      Promise.resolve({
        version: system.version,
        nodeVersion: process.versions.node,
        roles: system.roles,
        startedAt: new Date(system.startedAt).toISOString(),
        uptimeSeconds: Math.round((clock.now() - system.startedAt) / 1000),
        listeners: system.listeners(),
      }),
  )

  const codes = Object.keys(problemCatalogue) as ProblemCode[]
  const described = codes.map((code) => ({
    code,
    ...problemCatalogue[code],
    explanation: problemExplanations[code],
  }))

  app.get(
    '/api/v1/problems',
    {
      schema: {
        operationId: 'listProblems',
        permission: 'open',
        summary: 'Lists every problem code; readable without a token',
        tags,
        response: {
          200: pageOf(refTo(ProblemCodeSchema)),
        },
      },
    },
    () => Promise.resolve({ items: described, nextCursor: null }),
  )

  app.get(
    '/api/v1/problems/:code',
    {
      schema: {
        operationId: 'showProblem',
        permission: 'open',
        summary: 'Explains one problem code; readable without a token',
        tags,
        params: strict({ code: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: {
          200: refTo(ProblemCodeSchema),
        },
        problems: ['not-found'],
      },
    },
    ({ params }) => {
      const found = described.find(({ code }) => code === params.code)
      if (found === undefined)
        throw new ProblemError('not-found', `there is no problem code ${params.code}`, 'code')
      return Promise.resolve(found)
    },
  )
}
