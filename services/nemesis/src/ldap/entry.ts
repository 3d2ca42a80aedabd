import type { Entry } from 'ldapts'

/** Of an attribute, in whatever case the server writes its name. Values that are not text are left out. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  const wanted = attribute.toLowerCase()
  const found = Object.entries(entry).find(([name]) => name.toLowerCase() === wanted)
  const values = found ? [found[1]].flat() : []
  return values.filter((value) => typeof value === 'string')
}

export const firstOf = (entry: Entry, attribute: string): string | undefined => valuesOf(entry, attribute)[0]
