import { fileURLToPath } from 'node:url'
import { runToEnd, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { describe, expect, it } from 'vitest'
import { get } from './support/http.ts'
import { SECRET } from './support/installation.ts'
import { join, type Message, signUp } from './support/people.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

const env = (dataDir: string) => ({ DATA_DIR: dataDir, LOG_LEVEL: 'trace', JWT_SECRET: SECRET })

async function historyOf(url: string, room: string): Promise<Message[]> {
  const { data } = await get<{ id: string }>(`${url}/api/v1/rooms/${room}`)
  return (await get<Message[]>(`${url}/api/v1/messages?room_id=${data.id}&count=200`)).data
}

describe('the service started alone', { timeout: 90_000 }, () => {
  it('keeps accounts, tokens, rooms and messages over a restart, and goes quietly', async () => {
    await using dir = await tempDir()
    const before = await start(MAIN, env(dir.path))
    const alice = await signUp(before.url, 'alice')
    const member = await join(before.wsUrl, 'lobby', alice)
    member.say('a secret text')
    const said = await member.hear(1)
    const room = (await get<{ id: string }>(`${before.url}/api/v1/rooms/lobby`)).data.id
    expect(await before.stop('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(await member.closed).toEqual({ code: 1012, reason: 'RESTARTING' })

    await using after = await start(MAIN, env(dir.path))
    expect((await get<{ id: string }>(`${after.url}/api/v1/rooms/lobby`)).data.id).toBe(room)
    expect(await historyOf(after.url, 'lobby')).toEqual(said)
    await using again = await join(after.wsUrl, 'lobby', alice)
    again.say('again')
    expect(await again.hearTexts(1)).toEqual(['again'])
    const printed = before.output() + after.output()
    for (const secret of [alice.token, 'secret of alice', 'a secret text', SECRET]) {
      expect(printed).not.toContain(secret)
    }
  })

  it('loses nothing that came back to its sender when it is killed under load', async () => {
    await using dir = await tempDir()
    const before = await start(MAIN, { ...env(dir.path), LIMITS: 'off' })
    const alice = await signUp(before.url, 'alice')
    const member = await join(before.wsUrl, 'killed', alice)
    const acknowledged = await member.hear(0)
    for (let i = 0; acknowledged.length < 100; i++) {
      member.say(`${i}`)
      acknowledged.push(...member.left())
      if (i % 5 === 0) await member.client.roundTrip()
    }
    for (let i = 0; i < 50; i++) member.say(`last ${i}`)
    await before.stop('SIGKILL')
    await member.closed
    acknowledged.push(...member.left())

    await using after = await start(MAIN, env(dir.path))
    const [first] = acknowledged
    await using back = await join(after.wsUrl, 'killed', { ...alice, after: first?.id ?? '' })
    expect(await back.hear(acknowledged.length - 1)).toEqual(acknowledged.slice(1))
  })

  it('stops with one line where a variable does not parse', async () => {
    await using dir = await tempDir()
    const { code, output } = await runToEnd(MAIN, { ...env(dir.path), CHAT_HIDE_UNKNOWN_USERS: 'perhaps' })
    expect(code).toBe(1)
    expect(output).toMatch(/^chat: CHAT_HIDE_UNKNOWN_USERS takes one of true, false[^\n]*\n$/)
  })
})
