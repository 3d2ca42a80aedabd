import {
  type College,
  getCollege,
  getPerson,
  getRegistrations,
  type Person,
  type QueuedRegistration,
  type Server,
} from '@switchboard/sdk/nemesis'

export interface Row extends Person {
  userid: string
}

export interface CollegeFacts {
  college: College
  people: Row[]
  registrations: QueuedRegistration[]
}

/** How many people are asked for at once. */
const AT_ONCE = 8

/** A college with all its people, in the order of their userids. */
export async function loadCollege(server: Server): Promise<CollegeFacts> {
  const [college, registrations] = await Promise.all([
    getCollege(server),
    getRegistrations(server, { state: 'all', count: 200 }),
  ])
  const people: Row[] = []
  const left = [...college.userids].reverse()
  const work = async () => {
    for (let userid = left.pop(); userid !== undefined; userid = left.pop())
      people.push({ userid, ...(await getPerson(server, userid)) })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  people.sort((a, b) => (a.userid < b.userid ? -1 : 1))
  return { college, people, registrations }
}
