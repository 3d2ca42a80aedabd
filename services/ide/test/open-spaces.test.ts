import { randomUUID } from 'node:crypto'
import { createAccounts } from '@switchboard/auth/accounts'
import { type Ask, createAsk } from '@switchboard/hub/ask'
import { MemoryBroker } from '@switchboard/hub/broker-memory'
import { OPEN_SPACES, OPEN_SPACES_MAX } from '@switchboard/protocol/between'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, install } from './support/installation.ts'
import { api } from './support/person.ts'

let installation: Installation
let ask: Ask
beforeAll(async () => {
  installation = await install()
  // Another service's process.
  ask = createAsk(new MemoryBroker(installation.bus, 'another'), { timeoutMs: 500 })
})
afterAll(async () => {
  ask.close()
  await installation[Symbol.asyncDispose]()
})

/** Signs up; answers the account's id and its API. */
async function person(name: string) {
  const { first, database, bus } = installation
  const made = await installation.signUp(name)
  const accounts = createAccounts({
    database,
    broker: new MemoryBroker(bus),
  })
  const id = (await accounts.byName(name))?.id ?? 0
  await accounts.close()
  return { id, name, call: api(first.url, made) }
}

async function open(account: number, spaces: string[]): Promise<string[]> {
  const answered = OPEN_SPACES.decodeAnswer(
    await ask.ask(OPEN_SPACES.topic, JSON.stringify({ account, spaces })),
  )
  if (!answered.ok) throw new Error(answered.error)
  return answered.value.open
}

test('a repo’s space is open to its owner and its members, for as long as they are', async () => {
  const [owner, member, other] = await Promise.all([person('Ann'), person('Ben'), person('Cas')])
  const { id } = (await owner.call<{ id: string }>('POST', '/repos', { name: 'x' })).body
  await owner.call('POST', `/repos/${id}/members`, { username: member.name })
  const unused = randomUUID()
  const asked = [id, 'lobby', unused]
  expect(await open(owner.id, asked)).toEqual(asked)
  expect(await open(member.id, asked)).toEqual(asked)
  expect(await open(other.id, asked)).toEqual(['lobby', unused])
  expect(await open(999_999, asked)).toEqual(['lobby', unused])

  await owner.call('DELETE', `/repos/${id}/members/${member.name}`)
  expect(await open(member.id, asked)).toEqual(['lobby', unused])
  await owner.call('DELETE', `/repos/${id}`)
  expect(await open(owner.id, asked)).toEqual(['lobby', unused])
})

test('what is no space’s name is open to nobody, and nothing asked for is answered with nothing', async () => {
  expect(await open(1, ['', 'a\u0000', '\ud800', 'x'.repeat(129), '__proto__'])).toEqual(['__proto__'])
  expect(await open(1, [])).toEqual([])
})

test('a thousand are answered at once', async () => {
  const many = Array.from({ length: OPEN_SPACES_MAX }, () => randomUUID())
  expect(await open(1, many)).toEqual(many)
})

test('what is no question gets no answer', async () => {
  const questions = [
    '',
    'null',
    '{}',
    '{"account":"1","spaces":[]}',
    '{"account":1.5,"spaces":[]}',
    '{"account":1,"spaces":"lobby"}',
    '{"account":1,"spaces":[1]}',
    // No account's id is that large.
    JSON.stringify({ account: 2 ** 40, spaces: [randomUUID()] }),
    JSON.stringify({ account: 1, spaces: Array.from({ length: OPEN_SPACES_MAX + 1 }, () => 'x') }),
  ]
  const answers = await Promise.allSettled(questions.map((text) => ask.ask(OPEN_SPACES.topic, text)))
  expect(answers.map(({ status }) => status)).toEqual(questions.map(() => 'rejected'))
  expect(await open(1, ['lobby'])).toEqual(['lobby'])
})
