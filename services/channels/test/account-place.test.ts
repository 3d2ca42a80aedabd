import type { Presence } from '@switchboard/hub/presence'
import { AccountInfo, accountPlace } from '@switchboard/protocol/between'
import { checker } from '@switchboard/protocol/decode'
import { expect, test } from 'vitest'
import { heard, join, type Process, testWorlds } from './support.ts'

const worlds = testWorlds()

/** A second is what anybody else may be behind. */
const soon = { timeout: 1000, interval: 10 }
const check = checker(AccountInfo)

/** The places that an account's connections are reported in, checked against the wire. */
async function reported(presence: Presence, key: string): Promise<AccountInfo['places'][]> {
  const entries = await presence.list(accountPlace(key))
  return entries.map(({ info, person }) => {
    const known = check(info)
    if (!known.ok) throw new Error(known.error)
    expect([person, known.value.service]).toEqual([key, 'channels'])
    return known.value.places
  })
}

let made = 0
/** A nickname, reserved by its account, and a token of that. */
async function reserved(server: Process): Promise<{ nick: string; key: string; token: string }> {
  const nick = `Known${++made}`
  await worlds.account(nick)
  const token = await worlds.token(server, nick)
  await using client = await server.login(nick, token)
  client.send({ type: 1, password: 'correct horse' })
  expect(await client.nextJson()).toEqual({ type: 1, user: nick })
  return { nick, key: nick.toLowerCase(), token }
}

test('a reserved nickname is reported with the channels that it is in, and since when', async () => {
  await using server = await worlds.world().process()
  const { nick, key, token } = await reserved(server)
  const before = Date.now()
  await using client = await server.login(nick, token)
  expect(await reported(server.presence, key)).toEqual([[]])
  await join(client, '#a')
  await join(client, '##B')
  const since = expect.any(Number)
  const places = [
    { name: 'a', since },
    { name: 'B', since },
  ]
  await expect.poll(() => reported(server.presence, key), soon).toEqual([places])
  for (const { since } of (await reported(server.presence, key))[0] ?? []) {
    expect(since).toBeGreaterThanOrEqual(before)
    expect(since).toBeLessThanOrEqual(Date.now())
  }
  client.send({ type: 5, channel: '#a' })
  await expect.poll(() => reported(server.presence, key), soon).toEqual([[{ name: 'B', since }]])
})

test('with the channels that it is in at last, and no more once it is gone, however fast that is', async () => {
  await using server = await worlds.world().process()
  const { nick, key, token } = await reserved(server)
  await using client = await server.login(nick, token)
  for (let n = 0; n < 30; n++) {
    client.send({ type: 4, channel: `c${n}` })
    if (n % 2) client.send({ type: 5, channel: `c${n}` })
  }
  const names = async () => (await reported(server.presence, key)).map((all) => all.map(({ name }) => name))
  const even = Array.from({ length: 15 }, (_, n) => `c${2 * n}`)
  await expect.poll(names, soon).toEqual([even])
  for (let n = 0; n < 10; n++) client.send({ type: 4, channel: `d${n}` })
  client.ws.close()
  await expect.poll(names, soon).toEqual([])
  await using again = await server.login(nick, token)
  expect(await heard(again)).toEqual([])
  expect(await names()).toEqual([[]])
})

test('the channels of a connection that reserves its nickname are reported from then on', async () => {
  await using server = await worlds.world().process()
  await worlds.account('Newly')
  await using client = await server.login('Newly', await worlds.token(server, 'Newly'))
  await join(client, '#before')
  expect(await reported(server.presence, 'newly')).toEqual([])
  client.send({ type: 1, password: 'correct horse' })
  expect(await client.nextJson()).toEqual({ type: 1, user: 'Newly' })
  expect(await reported(server.presence, 'newly')).toMatchObject([[{ name: 'before' }]])
})
