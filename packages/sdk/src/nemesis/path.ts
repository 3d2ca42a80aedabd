/**
 * Every function of this entry rejects as `request` does: `FORBIDDEN` (wrong password, no valid token, or not yours to see
 * or do), `BAD_BINDING`, `RATE_LIMITED`, `UNAVAILABLE`, ….
 */
const BASE = '/userman'

/** A path of the service, with these names in it. */
export const pathOf = (...names: (string | number)[]): string =>
  [BASE, ...names.map((name) => encodeURIComponent(name))].join('/')

export const withQuery = (path: string, query: object): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0
    ? path
    : `${path}?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, `${value}`]))}`
}
