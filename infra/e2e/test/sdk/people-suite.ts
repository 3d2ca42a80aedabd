import { connectChat } from '@switchboard/sdk/chat'
import { getCollege, getPerson, logIn, logOut, register } from '@switchboard/sdk/nemesis'
import { getPresence, type Users, watchPresence } from '@switchboard/sdk/presence'
import { lineTo } from '@switchboard/testing/line'
import { expect, test } from 'vitest'
import { freshName, type Origin } from '../origin.ts'
import { over, person, portOf } from './clients.ts'

/** The next change that tells of this. */
async function until(changes: AsyncIterable<Users>, isSo: (users: Users) => boolean): Promise<Users> {
  for await (const users of changes) if (isSo(users)) return users
  throw new Error('it never was so')
}

/** What the SDK promises of presence; nemesis too, where `demo` people are in its directory. */
export function peopleSuite(origin: () => Origin, { demo = true } = {}): void {
  test('where people are is told, and whenever it changes', async () => {
    const { url } = origin()
    const [alice, bob] = await Promise.all([person(origin(), 'alice'), person(origin(), 'bob')])
    const { token } = alice
    const place = freshName('room')
    await using line = await lineTo(portOf(origin()))
    const presence = watchPresence({ url: over(line), token }, [bob.username, '__proto__'])
    expect(await until(presence, () => true)).toEqual(JSON.parse(`{"${bob.username}":[],"__proto__":[]}`))
    const room = connectChat({ url, token: bob.token }).join(place)
    const whereabouts = { service: 'chat', place }
    const isThere = (users: Users) => users[bob.username]?.length === 1
    expect(await until(presence, isThere)).toMatchObject({ [bob.username]: [whereabouts] })
    expect(presence.users.get(bob.username)).toMatchObject([whereabouts])
    expect(await getPresence({ url, token }, [bob.username])).toMatchObject({ [bob.username]: [whereabouts] })
    line.cut()
    line.mend()
    expect(await until(presence, isThere)).toMatchObject({ [bob.username]: [whereabouts] })
    room.close()
    await until(presence, (users) => users[bob.username]?.length === 0)
    presence.watch([alice.username])
    await until(presence, (users) => users[alice.username]?.length === 0)
    expect([...presence.users.keys()]).toEqual([alice.username])
    presence.close()
  })

  test('nobody watches more than 100, or without a token that is good', async () => {
    const { url } = origin()
    const names = Array.from({ length: 101 }, (_, n) => `p${n}`)
    const tooMany = expect.objectContaining({ code: 'BAD_BINDING', retryable: false })
    expect(() => watchPresence({ url, token: 'x' }, names)).toThrow(tooMany)
    await expect(getPresence({ url, token: 'x' }, ['bob'])).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(await watchPresence({ url, token: 'x' }, ['bob']).closed).toMatchObject({ code: 'UNAUTHORIZED' })
  })

  test.runIf(demo)('a team leader sees the own college, registers somebody and logs out', async () => {
    const { url } = origin()
    const { token } = await logIn({ url }, { username: 'teacher_coll1', password: 'facebees' })
    const leader = { url, token }
    const college = await getCollege(leader)
    expect(college).toMatchObject({ college_name: 'college the first' })
    expect(await getPerson(leader, college.userids[0] ?? '')).toHaveProperty('full_name')
    const ada = {
      first_name: 'Ada',
      last_name: 'L',
      email: `${freshName('ada')}@example.org`,
      team: 'team-ABC',
    }
    await register(leader, ada)
    await expect(register(leader, { ...ada, email: 'none' })).rejects.toMatchObject({ code: 'BAD_BINDING' })
    await expect(getPerson(leader, 'teacher_coll2')).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 })
    await logOut(leader)
    await expect(getCollege(leader)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(logIn({ url }, { username: 'teacher_coll1', password: 'wrong' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'invalid credentials',
    })
  })
}
