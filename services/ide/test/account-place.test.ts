import { randomUUID } from 'node:crypto'
import { AccountInfo, accountPlace } from '@switchboard/protocol/between'
import { checker } from '@switchboard/protocol/decode'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openIde } from './support/ide.ts'
import { type Installation, install, type Process } from './support/installation.ts'
import { api } from './support/person.ts'

let installation: Installation
let first: Process
beforeAll(async () => {
  installation = await install()
  first = installation.first
})
afterAll(() => installation[Symbol.asyncDispose]())

const check = checker(AccountInfo)

/** What each of an account's connections is reported as, checked against the wire. */
async function reported(key: string): Promise<AccountInfo['places'][]> {
  const entries = await first.presence.list(accountPlace(key))
  return entries.map(({ info, person }) => {
    const known = check(info)
    if (!known.ok) throw new Error(known.error)
    expect([person, known.value.service]).toEqual([key, 'ide'])
    return known.value.places
  })
}

/** The same, by the spaces' names alone. */
const spacesOf = async (key: string) => (await reported(key)).map((places) => places.map(({ name }) => name))

/** A second is what anybody else may be behind. */
const soon = { timeout: 1000, interval: 10 }

test('a connection is reported for its account before its 101, in no space or in the one it starts in', async () => {
  const ann = await installation.signUp('Ann')
  const before = Date.now()
  await using nowhere = await openIde(first.wsUrl, ann)
  expect(await reported('ann')).toEqual([[]])
  await using _somewhere = await openIde(first.wsUrl, { ...ann, space: 'lobby' })
  await expect.poll(() => spacesOf('ann'), soon).toEqual([[], ['lobby']])
  const since = (await reported('ann'))[1]?.[0]?.since ?? 0
  expect(since).toBeGreaterThanOrEqual(before)
  expect(since).toBeLessThanOrEqual(Date.now())
  await nowhere.client[Symbol.asyncDispose]()
  await expect.poll(() => spacesOf('ann'), soon).toEqual([['lobby']])
})

test('with the spaces that it is in at last, however fast it goes in and out', async () => {
  await using ben = await installation.enter('Ben')
  for (let n = 0; n < 20; n++) {
    ben.say('join', { space: `s${n}` })
    ben.say(n % 2 ? 'leave' : 'list', { space: `s${n}` })
  }
  ben.say('leave', { space: 's0' })
  const left = ['s2', 's4', 's6', 's8', 's10', 's12', 's14', 's16', 's18']
  await expect.poll(() => spacesOf('ben'), soon).toEqual([left])
})

test('as restricted where the space has a repo’s id, and without it once taken out', async () => {
  const owner = await installation.signUp('Olga')
  const cas = await installation.signUp('Cas')
  const asOwner = api(first.url, owner)
  const { id } = (await asOwner<{ id: string }>('POST', '/repos', { name: 'x' })).body
  await asOwner('POST', `/repos/${id}/members`, { username: 'Cas' })
  await using ide = await openIde(first.wsUrl, { ...cas, space: id })
  await ide.list('open')
  await ide.list(id.toUpperCase())
  const since = expect.any(Number)
  const open = [
    { name: 'open', since },
    { name: id.toUpperCase(), since },
  ]
  await expect.poll(() => reported('cas'), soon).toEqual([[{ name: id, since, restricted: true }, ...open]])
  await asOwner('DELETE', `/repos/${id}/members/Cas`)
  await expect.poll(() => reported('cas'), soon).toEqual([open])
})

test('no more once it closed, even while it was still entering', async () => {
  const { token } = await installation.signUp('Dee')
  for (let n = 0; n < 10; n++) {
    const ide = await openIde(first.wsUrl, { token })
    for (let m = 0; m < 10; m++) ide.say('join', { space: randomUUID() })
    ide.client.ws.close()
  }
  await expect.poll(() => reported('dee'), soon).toEqual([])
  // Whatever was under way is over now.
  await using again = await openIde(first.wsUrl, { token })
  await again.list('here')
  await expect.poll(() => spacesOf('dee'), soon).toEqual([['here']])
})
