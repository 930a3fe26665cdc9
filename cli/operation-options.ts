import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { wholeNumber } from './option-values.ts'

/** A parameter of an operation as options of the command line. */
export interface Parameter {
  /** As the API calls it. */
  readonly name: string
  readonly required: boolean
  /** More than one where it can be negated. */
  readonly options: readonly Option[]
  /** The name its value has among the parsed options. */
  readonly attribute: string
}

/** As much of JSON Schema as parameters use. */
interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
}

/**
 * The options for the parameters a JSON Schema describes. A parameter whose name otactl uses itself
 * (`taken`, long options without dashes) is called `--param-<name>`.
 */
export function parametersOf(schema: object, taken: ReadonlySet<string>): Parameter[] {
  const { properties = {}, required = [] } = schema as Schema
  return Object.entries(properties).map(([name, property]) => {
    const flag = kebab(name)
    return parameterOf(name, property, required.includes(name), {
      flag: taken.has(flag) ? `param-${flag}` : flag,
    })
  })
}

function parameterOf(
  name: string,
  schema: Schema,
  required: boolean,
  { flag }: { flag: string },
): Parameter {
  const kind = kindOf(schema)
  const description = descriptionOf(schema, required, kind)
  if (kind.type === 'boolean') {
    const option = new Option(`--${flag}`, description)
    const options = [option, new Option(`--no-${flag}`, `not ${flag}`).hideHelp(!required)]
    return { name, required, options, attribute: option.attributeName() }
  }
  const many = kind.type === 'array'
  const one = many ? kindOf(schema.items ?? {}) : kind
  const option = new Option(`--${flag} <${one.placeholder}>`, description)
  if (many) option.argParser<unknown[]>((text, before) => [...(before ?? []), one.read(text)])
  else option.argParser<unknown>((text) => one.read(text))
  // For the help only: the parser above refuses what is not among them.
  if (one.choices !== undefined) option.argChoices = [...one.choices]
  return { name, required, options: [option], attribute: option.attributeName() }
}

interface Kind {
  readonly type: 'choice' | 'integer' | 'number' | 'boolean' | 'string' | 'array' | 'json'
  readonly placeholder: string
  readonly choices?: readonly string[]
  read(text: string): unknown
}

function kindOf(schema: Schema): Kind {
  const choices = choicesOf(schema)
  if (choices !== undefined) return choiceKind(choices)
  const type =
    (typeof schema.type === 'string' ? schema.type : schema.type?.find((one) => one !== 'null')) ??
    'any'
  switch (type) {
    case 'integer': {
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema
      return { type: 'integer', placeholder: 'number', read: wholeNumber(minimum, maximum) }
    }
    case 'number':
      return { type: 'number', placeholder: 'number', read: readNumber }
    case 'boolean':
      return { type: 'boolean', placeholder: 'true|false', read: readBoolean }
    case 'string':
      return { type: 'string', placeholder: 'text', read: (text) => text }
    case 'array':
      return { type: 'array', placeholder: 'text', read: readJson }
    default:
      return { type: 'json', placeholder: 'json', read: readJson }
  }
}

function choiceKind(choices: readonly unknown[]): Kind {
  const words = choices.map(String)
  return {
    type: 'choice',
    placeholder:
      words.every((word) => word.length < 12) && words.length <= 3 ? words.join('|') : 'choice',
    choices: words,
    read(text) {
      const at = words.indexOf(text)
      if (at === -1) throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`)
      return choices[at]
    },
  }
}

/** The values allowed where they are listed, in either way JSON Schema knows. */
function choicesOf(schema: Schema): readonly unknown[] | undefined {
  if (schema.enum !== undefined) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives === undefined || alternatives.length === 0) return undefined
  const each = alternatives.map(choicesOf)
  return each.every((one) => one !== undefined) ? each.flat() : undefined
}

function descriptionOf(schema: Schema, required: boolean, kind: Kind): string {
  const bounds =
    kind.type === 'integer' && schema.minimum !== undefined && schema.maximum !== undefined
      ? `${schema.minimum} to ${schema.maximum}`
      : undefined
  const notes = [
    required ? 'required' : undefined,
    kind.type === 'array' ? 'repeatable' : undefined,
    bounds,
    schema.default === undefined ? undefined : `${JSON.stringify(schema.default)} without it`,
  ].filter((note) => note !== undefined)
  const said = schema.description ?? schema.items?.description ?? ''
  return notes.length === 0 ? said : `${said} (${notes.join(', ')})`.trim()
}

function readNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) throw new InvalidArgumentError('Give a number.')
  return value
}

function readBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('Give true or false.')
  return text === 'true'
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InvalidArgumentError('Give JSON.')
  }
}

/** `evenWithSession` becomes `even-with-session`. */
export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase()
}
