import { deepEqual, equal } from 'node:assert/strict'
import { connectChannels } from '@switchboard/sdk/channels'
import { type Asked, freshName, take } from './asked.ts'

/** Two nicks, each at a process, are in one channel and hear each other. */
export async function checkChannels({ first, last, signal, expect }: Asked): Promise<void> {
  const [alice, bob] = [freshName('alice'), freshName('bob')]
  const name = freshName('check')
  expect('a nick enters a channel')
  const a = connectChannels({ url: first, nick: alice, signal }).join(name)
  await a.joined
  expect('another nick, at the last process, enters it too')
  const b = connectChannels({ url: last, nick: bob, signal }).join(name)
  await b.joined
  expect('both are known to be there')
  for (const channel of [a, b]) deepEqual(await channel.users(), [alice, bob])
  expect('what one says the other hears')
  await a.send('hello')
  const [said] = await take(b, 1)
  equal(said?.message, 'hello')
}
