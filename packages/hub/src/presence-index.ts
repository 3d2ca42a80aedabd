/** An entry or a claim, as a process' index names it: what is to be cleaned up after it. */
export interface Held {
  kind: 'entry' | 'claim'
  /** The place or the key. */
  name: string
  connection: string
  /** How often its process had to begin anew: what it entered since is not cleaned up for what it was before. */
  incarnation: number
}

/** As a process' index has it. */
export const indexMember = ({ kind, name, connection, incarnation }: Held): string =>
  JSON.stringify([kind, name, connection, incarnation])

export function parseMember(member: string): Held {
  const [kind, name, connection, incarnation] = JSON.parse(member)
  return { kind, name, connection, incarnation }
}
