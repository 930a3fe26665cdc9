import fastJson from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify/types/schema.js'
import { sharedSchemas } from './schemas/shared.ts'

type Serializer = ReturnType<FastifySerializerCompiler<unknown>>

const external = Object.fromEntries(
  sharedSchemas.map((schema) => [(schema as { $id?: string }).$id ?? '', schema]),
) as unknown as NonNullable<Parameters<typeof fastJson>[1]>['schema']

/**
 * Writes answers by their route's schemas. Each serializer is built when it is first needed: building one
 * checks every shared schema, and all of them at once would make up most of a start.
 */
export const lazySerializer: FastifySerializerCompiler<unknown> = ({ schema }) => {
  let built: Serializer | undefined
  return (data) => {
    built ??= fastJson(
      schema as Parameters<typeof fastJson>[0],
      {
        schema: external,
      } as Parameters<typeof fastJson>[1],
    ) as Serializer
    return built(data)
  }
}
