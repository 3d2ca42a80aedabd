/** Values by name, without a prototype, so that `__proto__` is a name like any other. */
export type Named<T> = Record<string, T>

/**
 * Sets a property of a plain object, whatever its name. Plain objects are what V8 makes and writes as JSON fastest; only
 * what is looked up by others' names needs to be without a prototype.
 */
export function put<T>(target: Named<T>, name: string, value: T): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
  else target[name] = value
}

export type Values = Named<string | string[]>

/** What a query or a form holds; a name that comes several times has an array of its values. */
export function parseValues(text: string): Values {
  const values: Values = Object.create(null)
  if (text === '') return values
  for (const [name, value] of new URLSearchParams(text)) {
    const known = values[name]
    if (known === undefined) values[name] = value
    else if (Array.isArray(known)) known.push(value)
    else values[name] = [known, value]
  }
  return values
}
