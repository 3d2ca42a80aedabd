import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from './result.ts'

/** `JSON.parse` as a {@link Result}. A `__proto__` key becomes an own property, as in `JSON.parse`; nothing is merged. */
export function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text) as unknown)
  } catch {
    return err('not JSON')
  }
}

/** A check for one schema, compiled once. The error names the place and what belongs there: `text: must be string`. */
export function checker<S extends TSchema>(schema: S): (value: unknown) => Result<Static<S>> {
  const check = Compile(schema)
  return (value) => {
    if (check.Check(value)) return ok(value as Static<S>)
    const [first] = check.Errors(value)
    const place = first?.instancePath.slice(1).replaceAll('/', '.')
    return err(place ? `${place}: ${first?.message}` : (first?.message ?? 'not what belongs here'))
  }
}

/** {@link parseJson}, then {@link checker}. */
export function jsonDecoder<S extends TSchema>(schema: S): (text: string) => Result<Static<S>> {
  const check = checker(schema)
  return (text) => {
    const parsed = parseJson(text)
    return parsed.ok ? check(parsed.value) : parsed
  }
}
