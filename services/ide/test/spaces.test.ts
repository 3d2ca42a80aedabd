import { LIMITS } from '@switchboard/protocol/limits'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openIde } from './support/ide.ts'
import { type Installation, install } from './support/installation.ts'
import { api, type Person, signUp } from './support/person.ts'

let installation: Installation
let url: string
let wsUrl: string
let people: Record<'ann' | 'ben' | 'cas', Person>
beforeAll(async () => {
  installation = await install()
  ;({ url, wsUrl } = installation.first)
  people = {
    ann: await installation.signUp('Ann'),
    ben: await installation.signUp('Ben'),
    cas: await installation.signUp('Cas'),
  }
})
afterAll(() => installation[Symbol.asyncDispose]())

const open = (who: keyof typeof people, space?: string) =>
  openIde(wsUrl, { token: people[who].token, ...(space === undefined ? {} : { space }) })

describe('list', () => {
  test('answers everyone else in the space, once each, and not the asker', async () => {
    await using ann = await open('ann', 'list-1')
    await using _again = await open('ann', 'list-1')
    await using ben = await open('ben', 'list-1')
    await using _twice = await open('ben', 'list-1')
    await using _elsewhere = await open('cas', 'list-2')
    expect((await ann.heard()).map(([event]) => event)).toEqual(['joined'])
    expect(await ann.list('list-1')).toEqual(['Ben'])
    expect(await ben.list('list-1')).toEqual(['Ann'])
  })

  test('enters the space; asking again is no error and no news', async () => {
    await using ann = await open('ann')
    await using ben = await open('ben')
    expect(await ann.list('list-3')).toEqual([])
    expect(await ben.list('list-3')).toEqual(['Ann'])
    expect(await ann.hear()).toEqual(['joined', { user: 'Ben', space: 'list-3' }])
    expect(await ben.list('list-3')).toEqual(['Ann'])
    expect(await ann.heard()).toEqual([])
    expect(await ann.list('list-3')).toEqual(['Ben'])
  })

  test('names those who have been there longest first', async () => {
    await using _cas = await open('cas', 'list-4')
    await using _ann = await open('ann', 'list-4')
    await using ben = await open('ben', 'list-4')
    expect(await ben.list('list-4')).toEqual(['Cas', 'Ann'])
  })
})

describe('a connection starts', () => {
  test('in &space=, else in the ide_id of its token, else in none', async () => {
    const dot = await signUp(url, 'Dot', 'ide-of-dot')
    await using ann = await open('ann', 'start-1')
    await ann.list('ide-of-dot')

    await using _asked = await openIde(wsUrl, { token: dot.token, space: 'start-1' })
    expect(await ann.hear()).toEqual(['joined', { user: 'Dot', space: 'start-1' }])
    await using _byToken = await openIde(wsUrl, { token: dot.token })
    expect(await ann.hear()).toEqual(['joined', { user: 'Dot', space: 'ide-of-dot' }])
    await using _empty = await openIde(wsUrl, { token: dot.token, space: '' })
    await using _none = await open('ben')
    expect(await ann.heard()).toEqual([])
  })

  test('in none where the space’s name cannot be one, and is told', async () => {
    for (const space of ['x'.repeat(129), 'a\u0000b']) {
      await using ann = await open('ann', space)
      expect(await ann.hear()).toMatchObject(['error', { event: 'join', space, code: 'BAD_MESSAGE' }])
      expect(await ann.list('start-2')).toEqual([])
    }
  })
})

describe('join and leave', () => {
  test('enter and leave a space without a list', async () => {
    await using ann = await open('ann', 'join-1')
    await using ben = await open('ben')
    ben.say('join', { space: 'join-1' })
    expect(await ann.hear()).toEqual(['joined', { user: 'Ben', space: 'join-1' }])
    expect(await ann.list('join-1')).toEqual(['Ben'])
    ben.say('leave', { space: 'join-1' })
    expect(await ann.hear()).toEqual(['died', { user: 'Ben', space: 'join-1' }])
    expect(await ann.list('join-1')).toEqual([])
    expect(await ben.heard()).toEqual([])
  })

  test('change nothing when they change nothing', async () => {
    await using ann = await open('ann', 'join-2')
    await using ben = await open('ben', 'join-2')
    expect(await ann.hear()).toMatchObject(['joined', {}])
    ben.say('join', { space: 'join-2' })
    ben.say('leave', { space: 'never in it' })
    expect(await ben.heard()).toEqual([])
    expect(await ann.heard()).toEqual([])
  })

  test('whoever left hears nothing more of the space', async () => {
    await using ann = await open('ann', 'join-3')
    ann.say('leave', { space: 'join-3' })
    await ann.heard()
    await using _ben = await open('ben', 'join-3')
    expect(await ann.heard()).toEqual([])
  })
})

describe('died', () => {
  test('goes to the others in each space once a connection is closed or cut off', async () => {
    await using ann = await open('ann', 'died-1')
    await ann.list('died-2')
    for (const end of ['close', 'terminate'] as const) {
      const ben = await open('ben', 'died-1')
      expect(await ann.hear()).toEqual(['joined', { user: 'Ben', space: 'died-1' }])
      ben.say('join', { space: 'died-2' })
      expect(await ann.hear()).toEqual(['joined', { user: 'Ben', space: 'died-2' }])
      ben.client.ws[end]()
      const died = [await ann.hear(), await ann.hear()]
      expect(died).toContainEqual(['died', { user: 'Ben', space: 'died-1' }])
      expect(died).toContainEqual(['died', { user: 'Ben', space: 'died-2' }])
    }
  })

  test('waits for the last connection of the person in that space', async () => {
    await using ann = await open('ann', 'died-3')
    const first = await open('ben', 'died-3')
    const second = await open('ben', 'died-3')
    await using _elsewhere = await open('ben')
    expect(await ann.heard()).toEqual([['joined', { user: 'Ben', space: 'died-3' }]])
    first.client.ws.close()
    await first.client.closed
    second.say('leave', { space: 'died-3' })
    expect(await ann.hear()).toEqual(['died', { user: 'Ben', space: 'died-3' }])
    expect(await ann.heard()).toEqual([])
    await second.client[Symbol.asyncDispose]()
  })

  test('does not go to the person’s own other connections elsewhere', async () => {
    await using elsewhere = await open('ben', 'died-4')
    const ben = await open('ben', 'died-5')
    await using ann = await open('ann', 'died-5')
    ben.client.ws.close()
    expect(await ann.hear()).toMatchObject(['died', {}])
    expect(await elsewhere.heard()).toEqual([])
  })
})

test.each(['__proto__', 'constructor', '💚'.repeat(128), 'a|b :|: c', '../..', ' '])(
  'a space may be called %j',
  async (space) => {
    await using ann = await open('ann')
    await using ben = await open('ben')
    expect(await ann.list(space)).toEqual([])
    expect(await ben.list(space)).toEqual(['Ann'])
    expect(await ann.hear()).toEqual(['joined', { user: 'Ben', space }])
    ben.say('leave', { space })
    expect(await ann.hear()).toEqual(['died', { user: 'Ben', space }])
  },
)

test('a connection is in 100 spaces at most; LIMITS=off turns that off', async () => {
  await using ann = await open('ann', 'place-0')
  for (let n = 1; n < LIMITS.places; n++) ann.say('join', { space: `place-${n}` })
  expect(await ann.heard()).toEqual([])
  for (const event of ['join', 'list'] as const) {
    ann.say(event, { space: 'one more' })
    expect(await ann.hear()).toEqual(['error', { event, space: 'one more', code: 'TOO_MANY_PLACES' }])
  }
  expect(await ann.list('place-0')).toEqual([])
  ann.say('leave', { space: 'place-0' })
  expect(await ann.list('one more')).toEqual([])

  await using free = await install({ limits: 'off' })
  const unlimited = await free.enter('Una')
  for (let n = 0; n <= LIMITS.places; n++) unlimited.say('join', { space: `place-${n}` })
  expect(await unlimited.heard()).toEqual([])
})

describe('the space of a repo', () => {
  async function shared() {
    const owner = api(url, people.ann)
    const { id } = (await owner<{ id: string }>('POST', '/repos', { name: 'ours' })).body
    await owner('POST', `/repos/${id}/members`, { username: 'Ben' })
    return { id, owner }
  }

  test('is open to its owner and its members, and closed to everybody else', async () => {
    const { id } = await shared()
    await using ann = await open('ann', id)
    await using ben = await open('ben')
    await using cas = await open('cas')
    expect(await ben.list(id)).toEqual(['Ann'])
    for (const event of ['list', 'join'] as const) {
      cas.say(event, { space: id })
      expect(await cas.hear()).toEqual(['error', { event, space: id, code: 'FORBIDDEN' }])
    }
    expect(await cas.heard()).toEqual([])
    expect(await ann.heard()).toEqual([['joined', { user: 'Ben', space: id }]])
  })

  test('as &space= or ide_id lets a stranger in, but in no space', async () => {
    const { id } = await shared()
    await using ann = await open('ann', id)
    const eve = await signUp(url, 'Eve', id)
    for (const query of [{ token: eve.token }, { token: people.cas.token, space: id }]) {
      await using stranger = await openIde(wsUrl, query)
      expect(await stranger.hear()).toEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
      stranger.say('send', { to: 'ann', data: 'hello' })
      expect(await ann.hear()).toMatchObject(['msg', { data: 'hello' }])
      expect(await ann.list(id)).toEqual([])
    }
  })

  test('is left at once by whoever is taken out of the repo', async () => {
    const { id, owner } = await shared()
    await using ann = await open('ann', id)
    await using ben = await open('ben', id)
    await using again = await open('ben', id)
    expect(await ann.heard()).toEqual([['joined', { user: 'Ben', space: id }]])
    await owner('DELETE', `/repos/${id}/members/Ben`)
    expect(await ann.hear()).toEqual(['died', { user: 'Ben', space: id }])
    expect(await ann.heard()).toEqual([])
    expect(await ann.list(id)).toEqual([])
    for (const ide of [ben, again]) {
      expect(await ide.hear()).toEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
      ide.say('list', { space: id })
      expect(await ide.hear()).toEqual(['error', { event: 'list', space: id, code: 'FORBIDDEN' }])
    }
    await using _cas = await open('ann', id)
    expect(await ben.heard()).toEqual([])
  })

  test('is left by a member who takes himself out, and open again to one who is added again', async () => {
    const { id, owner } = await shared()
    await using ann = await open('ann', id)
    await using ben = await open('ben')
    await ben.list(id)
    await api(url, people.ben)('DELETE', `/repos/${id}/members/Ben`)
    expect(await ann.heard()).toEqual([
      ['joined', { user: 'Ben', space: id }],
      ['died', { user: 'Ben', space: id }],
    ])
    await ben.heard()
    await owner('POST', `/repos/${id}/members`, { username: 'Ben' })
    expect(await ben.list(id)).toEqual(['Ann'])
  })

  test('whoever enters while being taken out is out in the end', async () => {
    const { id, owner } = await shared()
    await using _ann = await open('ann', id)
    await using ben = await open('ben')
    const removed = owner('DELETE', `/repos/${id}/members/Ben`)
    for (let n = 0; n < 20; n++) ben.say('join', { space: id })
    await removed
    await ben.heard()
    const inside = async () =>
      (await installation.first.presence.list(`ide:space:${id}`)).map(({ person }) => person)
    await expect.poll(inside).toEqual(['ann'])
  })

  test('of a repo that is deleted is closed for ever, to its owner too', async () => {
    const { id, owner } = await shared()
    await using ann = await open('ann', id)
    await using ben = await open('ben', id)
    await ann.heard()
    await owner('DELETE', `/repos/${id}`)
    for (const ide of [ann, ben]) {
      const told = await ide.heard()
      expect(told).toContainEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
      ide.say('list', { space: id })
      expect(await ide.hear()).toEqual(['error', { event: 'list', space: id, code: 'FORBIDDEN' }])
    }
    const second = await installation.start('later')
    await using later = await openIde(second.wsUrl, { ...people.ann, space: id })
    expect(await later.hear()).toEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
    expect(await installation.first.presence.list(`ide:space:${id}`)).toEqual([])
  })

  test('is no other space that looks like it', async () => {
    const { id } = await shared()
    await using cas = await open('cas')
    for (const space of [id.toUpperCase(), ` ${id}`, '00000000-0000-4000-8000-000000000000']) {
      expect(await cas.list(space)).toEqual([])
    }
  })
})
