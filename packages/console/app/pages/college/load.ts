import {
  type College,
  getAudit,
  getCollege,
  getPerson,
  type Person,
  type Server,
  SwitchboardError,
} from '@switchboard/sdk/nemesis'

export interface Row extends Person {
  userid: string
}

export interface CollegeFacts {
  college: College
  people: Row[]
  /** Whether who asks decides on registrations. */
  isAdministrator: boolean
}

/** How many people are asked for at once. */
const AT_ONCE = 8

/** The wire tells nobody's role; the audit is for those alone who decide. */
async function isAdministrator(server: Server): Promise<boolean> {
  try {
    await getAudit(server, { count: 1 })
    return true
  } catch (error) {
    if (error instanceof SwitchboardError && error.code === 'FORBIDDEN') return false
    throw error
  }
}

/** A college with all its people, in the order of their userids. */
export async function loadCollege(server: Server): Promise<CollegeFacts> {
  const [college, decides] = await Promise.all([getCollege(server), isAdministrator(server)])
  const people: Row[] = []
  const left = [...college.userids].reverse()
  const work = async () => {
    for (let userid = left.pop(); userid !== undefined; userid = left.pop())
      people.push({ userid, ...(await getPerson(server, userid)) })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  people.sort((a, b) => (a.userid < b.userid ? -1 : 1))
  return { college, people, isAdministrator: decides }
}
