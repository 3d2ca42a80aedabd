import { fileURLToPath } from 'node:url'
import { connectChannels } from '@switchboard/sdk/channels'
import { connectChat } from '@switchboard/sdk/chat'
import { connectIde } from '@switchboard/sdk/ide'
import { lineTo } from '@switchboard/testing/line'
import { type Running, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { freshName } from '../origin.ts'
import { channelsSuite } from './channels-suite.ts'
import { chatSuite } from './chat-suite.ts'
import { becomes, over, person, portOf } from './clients.ts'
import { ideSuite } from './ide-suite.ts'
import { peopleSuite } from './people-suite.ts'
import { statusSuite } from './status-suite.ts'

const MAIN = fileURLToPath(new URL('../../../standalone/src/main.ts', import.meta.url))

let dir: Awaited<ReturnType<typeof tempDir>>
let running: Running

const startAgain = () => start(MAIN, { DATA_DIR: dir.path, LOG_LEVEL: 'warn', LIMITS: 'off' })

beforeAll(async () => {
  dir = await tempDir()
  running = await startAgain()
})
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await dir[Symbol.asyncDispose]()
})
// The wait before a try is anything from nothing to a bound; short ones make more of a test.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0.02)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('chat', () => chatSuite(() => running))
describe('ide', () => ideSuite(() => running))
describe('channels', () => channelsSuite(() => running))
describe('presence and nemesis', () => peopleSuite(() => running))
describe('processes', () =>
  statusSuite(() => running, { ide: 1, chat: 1, relay: 1, channels: 1, nemesis: 1 }))

// Last: it ends the process that the others talk to.
describe('a server that was killed and started again', () => {
  test('is found, and nothing that it stored is missing', async () => {
    const alice = await person(running, 'alice')
    const [name, nick] = [freshName('room'), freshName('alice').slice(0, 32)]
    await using line = await lineTo(portOf(running))
    const room = connectChat({ url: over(line), token: alice.token }).join(name)
    const heard: string[] = []
    room.on('message', ({ text }) => heard.push(text))
    await room.send('before')
    const channels = connectChannels({ url: over(line), nick })
    const channel = channels.join('#django')
    await channel.send('before')
    const ide = connectIde({ url: over(line), token: alice.token })
    await ide.enter(name)
    const entered = new Promise((resolve) => ide.on('users', resolve))
    const lost = Promise.all([room, channels, ide].map((client) => becomes(client, 'waiting')))
    await running.stop('SIGKILL')
    await lost
    const waiting = ['one', 'two', 'three'].map((text) => room.send(text))
    const said = channel.send('after')
    running = await startAgain()
    line.lead(portOf(running))
    expect((await Promise.all(waiting)).map(({ text }) => text)).toEqual(['one', 'two', 'three'])
    expect(heard).toEqual(['before', 'one', 'two', 'three'])
    expect(await said).toMatchObject({ user: nick, message: 'after' })
    expect(await entered).toEqual({ space: name, users: [] })
    for (const client of [room, channels, ide]) client.close()
  })
})
