import { readFileSync, writeFileSync } from 'node:fs'
import openapiTypescript, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { describeApi } from '../src/api/description.ts'
import { operations } from '../src/operations/catalogue.ts'

/** The API's types as otactl knows them, made from the OpenAPI document. */
export const cliTypesFile = new URL('../cli/api-types.gen.ts', import.meta.url)

/** The text that file must have. */
export async function cliTypes(): Promise<string> {
  // The version is in the document only as information; no type depends on it.
  const document = await describeApi(operations, '0')
  const tree = await openapiTypescript(JSON.stringify(document))
  return `${COMMENT_HEADER}${astToString(tree)}`
}

if (import.meta.main) {
  const text = await cliTypes()
  const before = readFileSync(cliTypesFile, { encoding: 'utf8', flag: 'a+' })
  if (text !== before) writeFileSync(cliTypesFile, text)
  console.log(`cli/api-types.gen.ts ${text === before ? 'is up to date' : 'was written'}`)
}
