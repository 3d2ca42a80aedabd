import { liveSlapd } from '@switchboard/testing/slapd'
import { expect, it } from 'vitest'
import { openHouse } from '../support/house.ts'
import { makeSchool, SCHOOL_PASSWORD } from '../support/school.ts'
import { hasSlapd, ldapEnv } from '../support/slapd.ts'

it.skipIf(!hasSlapd)(
  'a college of 2,000 people in 40 is two searches, and so is whoever is looked at',
  async () => {
    const school = makeSchool({ colleges: 40, each: 50 })
    await using slapd = await liveSlapd({ ldif: school.ldif })
    await using house = await openHouse()
    const nemesis = await house.process(ldapEnv(slapd))
    for (const college of ['college-1', 'college-40']) {
      const members = school.people.filter((person) => person.college === college)
      const [leader] = members
      const token = await nemesis.token({ username: leader?.userid ?? '', password: SCHOOL_PASSWORD })

      /** The searches that a request takes. Each 3 s there is one more: the process looks at how it is. */
      const searchesOf = async (path: string, body: object) => {
        const before = await slapd.searches()
        expect(await nemesis.get(path, token)).toMatchObject({ status: 200, body })
        return (await slapd.searches()) - before
      }
      const facts = {
        college_name: `The college ${college}`,
        userids: members.map(({ userid }) => userid).toSorted(),
        teams: [...new Set(members.flatMap(({ team }) => team ?? []))].toSorted(),
      }
      await expect.poll(() => searchesOf('/college', facts)).toBe(2)
      await expect.poll(() => searchesOf(`/user/${members[1]?.userid}`, {})).toBe(2)
    }
  },
)
