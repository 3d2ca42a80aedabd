import type { Who } from '@switchboard/auth/tokens'
import type { Entry, Presence } from '@switchboard/hub/presence'
import { type AccountInfo, accountPlace } from '@switchboard/protocol/between'
import { User } from '@switchboard/protocol/chat'
import { checker } from '@switchboard/protocol/decode'
import { nameKey } from '@switchboard/protocol/names'
import { type Room, roomPlace } from './room.ts'

const parseUser = checker(User)

/** Where one connection of an account stands in presence: in its room, and as a person for all services to see. */
function entriesOf(connection: string, { accountId, name }: Who, room: Room): [place: string, Entry][] {
  const key = nameKey(name)
  const since = Date.now()
  const user: User = { id: accountId, username: name }
  const info: AccountInfo = { service: 'chat', places: [{ name: room.name, since }] }
  return [
    [roomPlace(room.id), { connection, person: String(accountId), since, info: user }],
    [accountPlace(key), { connection, person: key, since, info }],
  ]
}

/** Enters presence; answers how to leave it. Rejects, and has left, where it does not answer. */
export async function enterPresence(
  presence: Presence,
  connection: string,
  who: Who,
  room: Room,
): Promise<() => Promise<void>> {
  const entries = entriesOf(connection, who, room)
  const leave = async () => {
    await Promise.all(entries.map(([place, entry]) => presence.leave(place, entry.connection)))
  }
  try {
    await Promise.all(entries.map(([place, entry]) => presence.enter(place, entry)))
    return leave
  } catch (error) {
    await leave().catch(() => {})
    throw error
  }
}

/** The accounts in a room, once each, longest there first. */
export async function listUsers(presence: Presence, place: string): Promise<User[]> {
  const users = new Map<number, User>()
  for (const { info } of await presence.list(place)) {
    const user = parseUser(info)
    if (user.ok && !users.has(user.value.id)) users.set(user.value.id, user.value)
  }
  return [...users.values()]
}
