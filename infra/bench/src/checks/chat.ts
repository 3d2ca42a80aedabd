import { deepEqual } from 'node:assert/strict'
import { connectChat, logIn, signUp } from '@switchboard/sdk/chat'
import { type Asked, freshName, take } from './asked.ts'

/** Two people, each at a process, hear each other and get what they missed. */
export async function checkChat({ first, last, signal, expect }: Asked): Promise<void> {
  const names = [freshName('alice'), freshName('bob')]
  expect('people sign up at one process and log in at the other')
  const [a, b] = await Promise.all(
    names.map(async (username, i) => {
      const credentials = { username, secret: 'a password for a check' }
      await signUp({ url: first, signal }, credentials)
      const url = i === 0 ? first : last
      return connectChat({ url, signal, ...(await logIn({ url: last, signal }, credentials)) })
    }),
  )
  if (!a || !b) return
  const name = freshName('check')
  const [here, there] = [a.join(name), b.join(name)]
  expect('both enter a room')
  await Promise.all([here.opened, there.opened])
  expect('what one says the other hears')
  const said = await here.send('one')
  deepEqual(await take(there, 1), [said])
  const answer = await there.send('two')
  deepEqual(await take(here, 2), [said, answer])
  there.close()
  expect('who comes back gets what was said meanwhile, in order')
  const missed = [await here.send('three'), await here.send('four')]
  deepEqual(await take(b.join(name, { after: answer.id }), 2), missed)
}
