import { deepEqual } from 'node:assert/strict'
import { connectIde, logIn, signUp } from '@switchboard/sdk/ide'
import { type Asked, freshName, take } from './asked.ts'

/** Two people, each at a process, find each other in a space and send each other anything. */
export async function checkIde({ first, last, signal, expect }: Asked): Promise<void> {
  const connect = async (url: string, username: string) => {
    const credentials = { username, password: 'a password for a check' }
    await signUp({ url: first, signal }, { ...credentials, email: `${username}@example.org` })
    const { token } = await logIn({ url: last, signal }, credentials)
    return connectIde({ url, token, signal })
  }
  const [alice, bob] = [freshName('alice'), freshName('bob')]
  expect('people sign up at one process and log in at the other')
  const [a, b] = await Promise.all([connect(first, alice), connect(last, bob)])
  const space = freshName('check')
  expect('two people find each other in a space')
  deepEqual(await a.enter(space), [])
  deepEqual(await b.enter(space), [alice])
  expect('what one sends the other gets')
  const offer = { type: 'offer', sdp: 'v=0\r\n' }
  b.send(alice, offer)
  deepEqual(await take(a, 1), [{ from: bob, data: offer }])
  a.send(bob, { type: 'answer' })
  deepEqual(await take(b, 1), [{ from: alice, data: { type: 'answer' } }])
}
