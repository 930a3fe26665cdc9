import { problemCatalogue, type ProblemCode } from '../kernel/problem.ts'
import { ProblemSchema, refTo } from './schemas/common.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** The problem codes of this route beside those every route may answer. */
    problems?: readonly ProblemCode[]
  }
}

const everywhere: readonly ProblemCode[] = [
  'malformed-request',
  'invalid-input',
  'not-ready',
  'internal',
]
const behindTheToken: readonly ProblemCode[] = [
  'not-authenticated',
  'too-many-attempts',
  'overloaded',
]
const withBody: readonly ProblemCode[] = ['too-large', 'unsupported-media-type']

/**
 * The problem responses of a route, for the document only: problems are written without a
 * serializer of their own, and building one for each of them would slow every start.
 */
export function problemResponses(route: {
  readonly problems: readonly ProblemCode[]
  readonly open: boolean
  /** It asks for a permission. */
  readonly permitted: boolean
  /** It is about one charger or group, which may be out of the caller's reach. */
  readonly about: boolean
  readonly body: boolean
}): Record<string, object> {
  const codes = new Set([
    ...everywhere,
    ...(route.open ? [] : behindTheToken),
    ...(route.permitted ? (['not-permitted'] as const) : []),
    ...(route.about ? (['not-found'] as const) : []),
    ...(route.body ? withBody : []),
    ...route.problems,
  ])
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of codes) {
    const { status } = problemCatalogue[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, these]) => [
      String(status),
      {
        description: these.map((code) => `\`${code}\`: ${problemCatalogue[code].title}`).join('. '),
        content: { 'application/problem+json': { schema: refTo(ProblemSchema) } },
      },
    ]),
  )
}
