import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { UUID } from '../src/chat.ts'

/** A schema as the JSON Schema that it is. */
interface Json {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Json[]
  pattern?: string
  minimum?: number
  properties?: Record<string, Json>
  patternProperties?: Record<string, Json>
  required?: string[]
  items?: Json
}

const isNamed = ({ enum: names, anyOf }: Json): boolean =>
  names !== undefined || (anyOf?.every((one) => typeof one.const === 'string') ?? false)

/** Every member, where there are any. */
const each = (members: Record<string, Json> | undefined) =>
  members && Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, loose(schema)]))

function loose(schema: Json): Json {
  if (isNamed(schema)) return { type: 'string' }
  const { type, minimum, required, pattern } = schema
  return {
    ...(type !== undefined && { type }),
    ...('const' in schema && { const: schema.const }),
    ...(minimum !== undefined && { minimum }),
    ...(pattern === UUID.source && { pattern }),
    ...(required && { required }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(loose) }),
    ...(schema.items && { items: loose(schema.items) }),
    ...(schema.properties && { properties: each(schema.properties) ?? {} }),
    ...(schema.patternProperties && { patternProperties: each(schema.patternProperties) ?? {} }),
  }
}

/** What a client takes for such: names that are listed may be others, and what may be in a text is not looked at. */
export const loosened = (schema: TSchema): TSchema => loose(schema as Json) as TSchema

const PLAIN: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
}

function textOf({ pattern }: Json): fc.Arbitrary<string> {
  return pattern === undefined ? fc.string({ unit: 'binary' }) : fc.uuid()
}

function objectOf({ properties = {}, patternProperties, required = [] }: Json): fc.Arbitrary<unknown> {
  const [values] = Object.values(patternProperties ?? {})
  // A schema's pattern for any key leaves out those with a line's end, whatever they hold.
  const keys = fc.string({ unit: 'binary' }).filter((key) => /^.*$/.test(key))
  if (values) return fc.dictionary(keys, valuesOf(values))
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema)]),
  )
  return fc.record(members, { requiredKeys: required })
}

/** Values that obey a schema that {@link loosened} made. */
export function valuesOf(schema: TSchema | Json): fc.Arbitrary<unknown> {
  const json = schema as Json
  const { type, anyOf, minimum = -(2 ** 31), items } = json
  if ('const' in json) return fc.constant(json.const)
  if (anyOf) return fc.oneof(...anyOf.map(valuesOf))
  if (type === 'object') return objectOf(json)
  if (type === 'array') return fc.array(valuesOf(items ?? {}), { maxLength: 3 })
  if (type === 'string') return textOf(json)
  if (type === 'integer') return fc.integer({ min: minimum })
  return PLAIN[type ?? ''] ?? fc.jsonValue()
}

type Holder = Record<string, unknown>

/** Everything that holds something in a JSON value, with the keys of what it holds. */
function places(value: unknown): [holder: Holder, key: string][] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Holder
  return Object.keys(holder).flatMap((key) => [[holder, key] as [Holder, string], ...places(holder[key])])
}

const OTHERS = [null, -1, 0, 1.5, 1e300, '', 'x', true, [], {}, [[]], { id: 1 }] as const

/** `values` with one place changed for something else, or left out; as they would come over the wire. */
export const spoilt = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(values, fc.nat(), fc.option(fc.constantFrom(...OTHERS), { nil: undefined }))
    .map(([value, at, other]) => {
      const root: Holder = JSON.parse(JSON.stringify({ value })) as Holder
      const all = places(root)
      const [holder, key] = all[at % all.length] as [Holder, string]
      if (other === undefined && holder !== root && !Array.isArray(holder)) delete holder[key]
      else holder[key] = other ?? null
      return root['value']
    })
