import { AccountInfo } from '@switchboard/protocol/between'
import { checker } from '@switchboard/protocol/decode'
import type { Whereabouts } from '@switchboard/protocol/presence'

/** What is read of an entry in an account's place. */
export interface Reported {
  since: number
  info?: unknown
}

/** One connection in one place, or in none. */
export interface Spot extends Whereabouts {
  /** Its place is a space that not everybody may enter. */
  restricted: boolean
}

const parseInfo = checker(AccountInfo)

/** What services reported of one account; what is not such a report is left out. */
export function spotsOf(entries: readonly Reported[]): Spot[] {
  return entries.flatMap(({ since, info }): Spot[] => {
    const report = parseInfo(info)
    if (!report.ok) return []
    const { service, places } = report.value
    if (places.length === 0) return [{ service, since, restricted: false }]
    return places.map((place) => ({
      service,
      place: place.name,
      since: place.since,
      restricted: place.restricted === true,
    }))
  })
}

/** The spaces among them that it must be asked of whether they are open, once each. */
export const restrictedIn = (spots: readonly Spot[]): string[] => [
  ...new Set(spots.flatMap(({ place, restricted }) => (restricted && place !== undefined ? [place] : []))),
]

const seen = ({ service, place, since, restricted }: Spot, open: ReadonlySet<string>): Whereabouts =>
  place === undefined || (restricted && !open.has(place)) ? { service, since } : { service, place, since }

const order = (a: Whereabouts, b: Whereabouts): number =>
  a.since - b.since || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/**
 * Each service and place once, earliest first. Spaces that are not open have no name here, and are one.
 *
 * @param open of the restricted spaces those that the asker may enter
 */
export function whereaboutsOf(spots: readonly Spot[], open: ReadonlySet<string>): Whereabouts[] {
  const found = new Map<string, Whereabouts>()
  for (const spot of spots) {
    const one = seen(spot, open)
    const key = JSON.stringify([one.service, one.place])
    const known = found.get(key)
    if (!known || one.since < known.since) found.set(key, one)
  }
  return [...found.values()].sort(order)
}
