/** Of a college's name, in a userid; a username has 64 characters at most. */
const COLLEGE_MAX = 40
/** Numbers of more digits are a stranger's joke: the next one would grow with them. */
const OWN_NUMBER = /^[0-9]{1,6}$/

/** Lower case without accents: NFKD, whose combining marks are nobody's letters. */
const plain = (text: string): string => text.normalize('NFKD').toLowerCase()

/** The first of a-z in a name; `x` where it has none, as in another script. */
const initialOf = (name: string): string => /[a-z]/.exec(plain(name))?.[0] ?? 'x'

function collegePart(college: string): string {
  const part = plain(college.replace(/^college-/, '')).replaceAll(/[^a-z0-9-]/g, '')
  return part.slice(0, COLLEGE_MAX) || 'x'
}

interface Named {
  firstName: string
  lastName: string
  /** `college-<x>` */
  college: string
}

/** What a userid begins with, all but its number: `<x>_<initials>`, as Student Robotics had them. Of `a-z0-9-_`. */
export const useridPrefix = ({ firstName, lastName, college }: Named): string =>
  `${collegePart(college)}_${initialOf(firstName)}${initialOf(lastName)}`

/** The first free userid after all used ones, from 1. `used`: at least all that begin with `prefix`, in any case. */
export function nextUserid(prefix: string, used: Iterable<string>): string {
  const taken = new Set<string>()
  let highest = 0
  for (const userid of used) {
    const key = userid.toLowerCase()
    taken.add(key)
    const number = key.startsWith(prefix) ? key.slice(prefix.length) : ''
    if (OWN_NUMBER.test(number)) highest = Math.max(highest, Number(number))
  }
  let number = highest + 1
  while (taken.has(`${prefix}${number}`)) number++
  return `${prefix}${number}`
}
