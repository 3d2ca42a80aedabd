/**
 * Plain checks for clients: the same promises as the schemas, without typebox. Two things are looser: where a schema lists
 * names (codes, kinds), any text will do, because a newer server may know more; and what is in a text is looked at only
 * where it is an id.
 */
export type Check<T> = (value: unknown) => value is T

export const isText = (value: unknown): value is string => typeof value === 'string'

export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'

export const isInteger = (value: unknown): value is number => Number.isInteger(value)

/** A whole number from 0. */
export const isCount = (value: unknown): value is number => isInteger(value) && value >= 0

export const listOf =
  <T>(check: Check<T>): Check<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(check)

export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value)

export const isNull = (value: unknown): value is null => value === null

/** An object that has these members. */
export const objectOf =
  <T extends object>(members: { readonly [K in keyof T]-?: Check<T[K]> }): Check<T> =>
  (value): value is T =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries<Check<unknown>>(members).every(([name, check]) =>
      check((value as Record<string, unknown>)[name]),
    )

/** An object whose own members are all such. */
export const recordOf =
  <T>(check: Check<T>): Check<Record<string, T>> =>
  (value): value is Record<string, T> =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check)

/** What the text says in JSON, if it is such; else `undefined`. */
export function decode<T>(check: Check<T>, text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return check(value) ? value : undefined
  } catch {
    return undefined
  }
}
