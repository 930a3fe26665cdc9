import type { FastifyRequest } from 'fastify'
import type { Scope } from '../../fleet/groups/scope.ts'
import { covers } from '../../fleet/groups/scope.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { checkParams } from '../../commands/submission.ts'
import type { Identity } from '../../identity/identity.ts'
import { localRobot } from '../../identity/tokens/token.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Operation } from '../../operations/operation.ts'
import { shownReason } from '../../policy/admission.ts'
import type { Decision } from '../../policy/decision.ts'
import { coversOperation } from '../../policy/operation-pattern.ts'
import { permissions, type Permission } from '../../policy/permission.ts'
import type { Caller, Policy } from '../../policy/policy.ts'
import type { Binding } from '../../policy/question.ts'
import { allowsAction, isNowhere, reachingInto, type Rights } from '../../policy/rights.ts'
import type { App } from '../app.ts'
import { refTo } from '../schemas/common.ts'
import { ExplainQuery, ExplainRequestSchema, ExplanationSchema } from '../schemas/policy.ts'

const tags = ['policy']

export interface ExplainParts {
  readonly policy: Policy
  readonly operations: readonly Operation[]
  readonly clock: Clock
  readonly identity: {
    readonly people: Pick<Identity['people'], 'show'>
    readonly tokens: Pick<Identity['tokens'], 'find'>
  }
}

/** Why can, or cannot, somebody do something somewhere. */
export function explainRoutes(app: App, parts: ExplainParts): void {
  app.get(
    '/api/v1/explain',
    {
      schema: {
        operationId: 'explain',
        permission: 'self',
        summary: 'Says why somebody can or cannot do something, and what is still needed',
        description:
          'Of an operation on a charger, or of an action of the API, there or anywhere. Of others it does not know which factors they have shown.',
        tags,
        querystring: ExplainQuery,
        response: { 200: refTo(ExplanationSchema) },
        problems: ['not-found', 'not-permitted'],
      },
    },
    async (request) => {
      const { actor, operation, permission, charger } = request.query
      if ((operation === undefined) === (permission === undefined))
        throw new ProblemError('invalid-input', 'name an operation or a permission', 'operation')
      const whom = await whomOf(parts, request, actor)
      const chargers = charger === undefined ? [] : [charger]
      return permission === undefined
        ? explainOperation(parts, whom, operation ?? '', undefined, chargers)
        : explainAction(parts, whom, permission, charger)
    },
  )

  app.post(
    '/api/v1/explain',
    {
      schema: {
        operationId: 'explainCommand',
        permission: 'self',
        summary: 'Says the same of an operation with its parameters on several chargers',
        tags,
        body: refTo(ExplainRequestSchema),
        response: { 200: refTo(ExplanationSchema) },
        problems: ['not-found', 'not-permitted'],
      },
    },
    async (request) => {
      const { actor, operation, params, chargers } = request.body
      const whom = await whomOf(parts, request, actor)
      return explainOperation(parts, whom, operation, params as JsonObject | undefined, chargers)
    },
  )
}

interface Whom {
  readonly caller: Caller
  readonly rights: Rights
  /** Where chargers may be named by whoever asks. */
  readonly sees: Scope
  /** Roles that reach nothing there are as if they were not held. */
  readonly within: Scope
}

/** Of themselves everybody may ask; of others, who may see the policy. */
async function whomOf(
  { policy, identity }: ExplainParts,
  request: FastifyRequest,
  named: string | undefined,
): Promise<Whom> {
  const { caller } = request
  const own = await policy.rightsOf(caller)
  const [, kind = 'person', id = ''] = /^(?:(person|robot):)?(.+)$/.exec(named ?? '') ?? []
  const { actor } = caller
  if (named === undefined || (id === actor.id && (kind === actor.kind || !named.includes(':'))))
    return { caller, rights: own, sees: own.scopeOf('fleet.read'), within: 'everywhere' }
  const sees = own.scopeOf('policy.read')
  if (isNowhere(sees)) {
    policy.refused(caller, { permission: 'policy.read', route: 'GET /api/v1/explain' })
    throw new ProblemError(
      'not-permitted',
      'none of your roles allows asking about others',
      'actor',
    )
  }
  await accountOf(identity, kind, id)
  const other: Caller = { actor: { kind: kind as 'person' | 'robot', id, name: id } }
  const rights = reachingInto(await policy.rightsOf(other), sees)
  return { caller: other, rights, sees, within: sees }
}

/** Throws where there is no such person, or no robot with such a token. */
async function accountOf(
  { people, tokens }: ExplainParts['identity'],
  kind: string,
  id: string,
): Promise<void> {
  if (kind === 'person') await people.show(id).catch(aboutActor)
  else if (id !== localRobot.id && (await tokens.find(id)) === undefined)
    throw new ProblemError('not-found', `there is no token ${id}`, 'actor')
}

function aboutActor(error: unknown): never {
  if (error instanceof ProblemError && error.problem.code === 'not-found')
    throw new ProblemError('not-found', error.problem.detail, 'actor')
  throw error
}

async function explainOperation(
  { policy, operations, clock }: ExplainParts,
  { caller, rights, sees, within }: Whom,
  name: string,
  given: JsonObject | undefined,
  chargers: readonly string[],
) {
  const operation = operations.find((one) => one.name === name)
  if (operation === undefined)
    throw new ProblemError('invalid-input', `there is no operation ${name}`, 'operation')
  if (given !== undefined) checkParams(operation, given)
  const params = given ?? {}
  const missing = requiredOf(operation).filter((param) => !Object.hasOwn(params, param))
  await seen(policy, sees, chargers)
  const notAfter = clock.now() + operation.expiresAfterMs
  const intent = { operation, params, reason: 'explain', acknowledges: [], notAfter }
  const decision = await policy.explain(caller, { intent, chargers }, within)
  return {
    actor: { kind: caller.actor.kind, id: caller.actor.id },
    about: name,
    allowed: decision.outcome === 'allow',
    sentence: sentences[decision.outcome],
    roles: held(rights.bindings, (binding) => coversOperation(binding.role.operations, operation)),
    decision: shownDecision(decision),
    ...(missing.length === 0 ? {} : { missing }),
  }
}

function requiredOf({ params }: Operation): readonly string[] {
  return (params as { readonly required?: readonly string[] }).required ?? []
}

const sentences: Readonly<Record<Decision['outcome'], string>> = {
  allow: 'Yes, now.',
  'step-up': 'Yes, after showing a second factor again.',
  approval: 'Only as a request that others have approved.',
  deny: 'No.',
}

async function explainAction(
  { policy }: ExplainParts,
  { caller, rights, sees }: Whom,
  name: string,
  charger: string | undefined,
) {
  if (!Object.hasOwn(permissions, name))
    throw new ProblemError('invalid-input', `there is no permission ${name}`, 'permission')
  const permission = name as Permission
  await seen(policy, sees, charger === undefined ? [] : [charger])
  const scope = rights.scopeOf(permission)
  const place = charger === undefined ? undefined : (await policy.placesOf([charger])).get(charger)
  const allowed = place === undefined ? !isNowhere(scope) : covers(scope, place)
  const where = scope === 'everywhere' ? scope : `in ${scope.groups.join(', ')}`
  return {
    actor: { kind: caller.actor.kind, id: caller.actor.id },
    about: name,
    allowed,
    sentence: isNowhere(scope)
      ? 'No: none of the roles allows it.'
      : `${allowed ? 'Yes' : 'No, not there'}: it is allowed ${where}.`,
    roles: held(rights.bindings, (binding) => allowsAction(binding.role, permission)),
  }
}

/** Chargers that whoever asks may not see are as if they were not there. */
async function seen(policy: Policy, sees: Scope, chargers: readonly string[]): Promise<void> {
  const places = await policy.placesOf(chargers)
  for (const charger of chargers) {
    const place = places.get(charger)
    if (place === undefined || !covers(sees, place))
      throw new ProblemError('not-found', `there is no charger ${charger}`, 'charger')
  }
}

function held(bindings: readonly Binding[], allows: (binding: Binding) => boolean) {
  return bindings.flatMap((binding) => {
    const { role, scope } = binding
    const groups = scope === 'everywhere' ? [null] : scope.groups
    return groups.map((group) => ({ role: role.name, group, allows: allows(binding) }))
  })
}

/** A decision as the faces show it. */
export function shownDecision({ outcome, reasons, needs, risk }: Decision) {
  return { outcome, reasons: reasons.map((one) => shownReason(one) as never), needs, risk }
}
