import { connectChannels } from '@switchboard/sdk/channels'
import { connectChat } from '@switchboard/sdk/chat'
import { connectIde } from '@switchboard/sdk/ide'
import { watchPresence } from '@switchboard/sdk/presence'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { consoleOverProcesses } from '../console/processes.ts'
import { canInstall, type Installation, startInstallation, TWO_OF_EACH } from '../installation.ts'
import { freshName } from '../origin.ts'
import { channelsSuite } from './channels-suite.ts'
import { chatSuite } from './chat-suite.ts'
import { becomes, person } from './clients.ts'
import { ideSuite } from './ide-suite.ts'
import { peopleSuite } from './people-suite.ts'
import { relayOverProcesses } from './relay-processes.ts'
import { end, isOver, statusSuite } from './status-suite.ts'

describe.skipIf(!canInstall)('over two processes of each service behind nginx', () => {
  let installation: Installation

  beforeAll(async () => {
    installation = await startInstallation({ processes: TWO_OF_EACH, limits: 'off' })
  }, 120_000)
  afterAll(() => installation?.[Symbol.asyncDispose]())
  beforeEach(() => {
    vi.spyOn(Math, 'random').mockReturnValue(0.02)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  describe('processes', () => {
    statusSuite(() => installation, TWO_OF_EACH)
    // Nobody else here needs nemesis.
    end(() => installation)
  })
  describe('chat', () => chatSuite(() => installation))
  describe('ide', () => ideSuite(() => installation))
  describe('channels', () => channelsSuite(() => installation))
  describe('presence', () => peopleSuite(() => installation, { demo: false }))
  consoleOverProcesses(() => installation)

  // Last: they end processes that the others talk to.
  describe('relay', () => relayOverProcesses(() => installation))
  test('a process of each is killed, and everybody is back with the other one', async () => {
    const { url, members } = installation
    const [alice, bob] = await Promise.all([person(installation, 'alice'), person(installation, 'bob')])
    const name = freshName('room')
    const chat = connectChat({ url, token: alice.token })
    // Several of each, so that some are with the process that goes.
    const rooms = Array.from({ length: 4 }, () => chat.join(name))
    const channels = [alice, bob].map(({ username, token }) =>
      connectChannels({ url, nick: username, token }),
    )
    const ides = Array.from({ length: 4 }, () => connectIde({ url, token: alice.token }))
    const presence = watchPresence({ url, token: alice.token }, [alice.username])
    const inside = channels.map((one) => one.join(name))
    await Promise.all([...rooms, ...channels, ...ides, presence].map(({ opened }) => opened))
    // Who has reserved a nick gets it back at once, although the process that is gone still seems to hold it.
    await Promise.all([alice, bob].map(({ secret }, n) => channels[n]?.register(secret)))
    await Promise.all(inside.map(({ joined }) => joined))
    await Promise.all(ides.map((ide) => ide.enter(name)))

    const isLost = (clients: (typeof rooms | typeof channels | typeof ides)[number][]) =>
      Promise.race(clients.map((client) => becomes(client, 'waiting')))
    const lost = Promise.all([isLost(rooms), isLost(channels), isLost(ides)])
    await Promise.all([members.chat, members.channels, members.ide].map(([first]) => first?.stop('SIGKILL')))
    await lost

    const heard = rooms.map((room) => {
      const texts: string[] = []
      room.on('message', ({ text }) => texts.push(text))
      return texts
    })
    // Somebody new: of those who were there, one may not have noticed yet that its connection is gone.
    await chat.join(name).send('still here')
    for (const texts of heard) await vi.waitFor(() => expect(texts).toEqual(['still here']), 20_000)
    for (const channel of inside) await channel.send('still here')
    await vi.waitFor(() => expect(ides.map(({ state }) => state)).toEqual(ides.map(() => 'open')), 20_000)
    for (const client of [chat, presence, ...channels, ...ides]) client.close()
  }, 60_000)
  describe('processes', () => isOver(() => installation))
})
