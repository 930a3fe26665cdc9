import { Type, type Static, type TObject, type TProperties, type TSchema } from 'typebox'

/** An object that takes the named properties and no others: what is not known is an error, never dropped. */
export function strict<P extends TProperties>(
  properties: P,
  options: {
    $id?: string
    description?: string
    minProperties?: number
    maxProperties?: number
  } = {},
): TObject<P> {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

/** The schema's values, or null. */
export function nullable<
  T extends TSchema & { readonly type?: string; readonly enum?: readonly unknown[] },
>(schema: T): ReturnType<typeof Type.Unsafe<Static<T> | null>> {
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [schema.type, 'null'],
    ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
  })
}

/** What goes in or out is never changed here, so that the domain's readonly types fit. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

/** A place where a shared schema is used; the document shows one definition under its `$id`. */
export function refTo<T extends TSchema>(
  schema: T,
): ReturnType<typeof Type.Unsafe<Frozen<Static<T>>>> {
  const { $id } = schema as { $id?: string }
  if ($id === undefined) throw new TypeError('only a schema with an $id can be referred to')
  return Type.Unsafe<Frozen<Static<T>>>({ $ref: `${$id}#` })
}

export function oneOf<const Values extends readonly string[]>(
  values: Values,
  options: { description?: string; default?: Values[number] } = {},
): ReturnType<typeof Type.Unsafe<Values[number]>> {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], ...options })
}

/** ISO 8601 with a time zone. */
export function moment(description?: string): ReturnType<typeof Type.String> {
  return Type.String({ format: 'date-time', ...(description === undefined ? {} : { description }) })
}

/** Any JSON value. */
export const AnyJson = Type.Unsafe<unknown>({ description: 'Any JSON value' })

export const identityText = {
  minLength: 1,
  maxLength: 48,
  description: 'The charger’s OCPP identity: the last segment of the address it connects to',
}
export const Identity = Type.String(identityText)
export const IdentityParams = strict({ identity: Identity })

export const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '\\S',
  description: 'Why; kept in the audit record',
})

const pageSize = 50

const paging = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, default: pageSize, description: 'Items a page' }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1000, description: '`nextCursor` of the page before' }),
  ),
}

/** A query with paging and the filters given. */
export function pageQuery<P extends TProperties>(filters: P): TObject<typeof paging & P> {
  return strict({ ...paging, ...filters })
}

export function pageRequest(query: { limit?: number; cursor?: string }): {
  limit: number
  cursor?: string
} {
  const { limit = pageSize, cursor } = query
  return cursor === undefined ? { limit } : { limit, cursor }
}

/** A body that may be left out. */
export function optionalBody<T extends TSchema>(
  schema: T,
): ReturnType<typeof Type.Unsafe<Frozen<Static<T>> | null>> {
  const { $id, ...rest } = schema as T & { $id?: string }
  void $id
  return Type.Unsafe<Frozen<Static<T>> | null>({ ...rest, type: ['object', 'null'] })
}

/** One page of a list; `nextCursor` is null on the last. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Unsafe<{
    readonly items: readonly Frozen<Static<T>>[]
    readonly nextCursor: string | null
  }>(
    Type.Object(
      {
        items: Type.Array(item),
        nextCursor: nullable(
          Type.String({ description: 'Ask for the next page with this; null on the last' }),
        ),
      },
      { description: 'One page' },
    ),
  )
}

export const ProblemSchema = Type.Object(
  {
    type: Type.String({
      description: 'Address of this code’s explanation, relative to the server',
    }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; programs decide by this' }),
    detail: Type.String({ description: 'What is wrong with this very request' }),
    field: Type.Optional(
      Type.String({ description: 'The offending field as a path, e.g. `target.chargers[2]`' }),
    ),
    reasons: Type.Optional(
      Type.Array(
        Type.Object({ rule: Type.String(), says: Type.String(), sentence: Type.String() }),
        {
          description: 'Of `denied`, `approval-needed` and `step-up-needed`: what each rule said',
        },
      ),
    ),
    instance: Type.String({
      description: 'The request’s id, as in X-Request-Id and the audit record',
    }),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details' },
)

/** The query of a route that takes none. */
export const NoQuery = strict({})

/** A success with no body. */
export const NoContent = Type.Null({ description: 'Done' })
