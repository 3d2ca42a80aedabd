import fc from 'fast-check'
import { type Static, type TSchema, Type } from 'typebox'
import { describe, expect, expectTypeOf, it } from 'vitest'
import * as channels from '../src/channels.ts'
import * as chat from '../src/chat.ts'
import * as clientChannels from '../src/client/channels.ts'
import * as clientChat from '../src/client/chat.ts'
import { type Check, decode } from '../src/client/check.ts'
import * as clientIde from '../src/client/ide.ts'
import * as clientNemesis from '../src/client/nemesis.ts'
import * as clientPresence from '../src/client/presence.ts'
import { checker } from '../src/decode.ts'
import * as ide from '../src/ide.ts'
import * as nemesis from '../src/nemesis.ts'
import * as presence from '../src/presence.ts'
import { loosened, spoilt, valuesOf } from './schemas.ts'
import { readVectors } from './vectors.ts'

const { successOf } = clientChat
const list = <T>(check: Check<T>) =>
  successOf((value): value is T[] => Array.isArray(value) && value.every(check))

interface Pair {
  page: string
  way: string
  name: string
  schema: TSchema
  check: Check<unknown>
}
const pair = (page: string, way: string, name: string, schema: TSchema, check: Check<unknown>): Pair => ({
  page,
  way,
  name,
  schema,
  check,
})

const channelsCheck: Check<unknown> = (value): value is unknown => {
  const decoded = clientChannels.decodeDown(JSON.stringify(value) ?? '')
  return decoded !== undefined && decoded !== 'unknown'
}

// Where nothing was queued a client knows it by the status.
const importedWithoutError = Type.Omit(nemesis.ANSWERS.imported, ['error'])

const PAIRS: Pair[] = [
  pair('chat', 'down', 'messages', chat.DOWN.messages, clientChat.isMessages),
  pair('chat', 'answer', 'user', chat.ANSWERS.user, successOf(clientChat.isUser)),
  pair('chat', 'answer', 'logged-in', chat.ANSWERS['logged-in'], successOf(clientChat.isLoggedIn)),
  pair('chat', 'answer', 'room', chat.ANSWERS.room, successOf(clientChat.isRoom)),
  pair('chat', 'answer', 'users', chat.ANSWERS.users, list(clientChat.isUser)),
  pair('chat', 'answer', 'link', chat.ANSWERS.link, successOf(clientChat.isLink)),
  pair('chat', 'answer', 'links', chat.ANSWERS.links, list(clientChat.isLink)),
  pair('chat', 'answer', 'message', chat.ANSWERS.message, successOf(clientChat.isMessage)),
  pair('chat', 'answer', 'messages', chat.ANSWERS.messages, successOf(clientChat.isMessages)),
  pair('presence', 'down', 'users', presence.DOWN.users, clientPresence.isUsers),
  pair('presence', 'answer', 'users', presence.ANSWERS.users, successOf(clientPresence.isUsers)),
  pair('presence', 'answer', 'processes', presence.ANSWERS.processes, successOf(clientPresence.isProcesses)),
  pair('ide', 'answer', 'token', ide.ANSWERS.token, clientIde.isToken),
  pair('ide', 'answer', 'repo', ide.ANSWERS.repo, clientIde.isRepo),
  pair('ide', 'answer', 'repos', ide.ANSWERS.repos, clientIde.isRepos),
  pair('nemesis', 'answer', 'token', nemesis.ANSWERS.token, clientNemesis.isToken),
  pair('nemesis', 'answer', 'college', nemesis.ANSWERS.college, clientNemesis.isCollege),
  pair('nemesis', 'answer', 'user', nemesis.ANSWERS.user, clientNemesis.isPerson),
  pair('nemesis', 'answer', 'logged-in', nemesis.ANSWERS['logged-in'], clientNemesis.isLoggedIn),
  pair('nemesis', 'answer', 'registration', nemesis.ANSWERS.registration, clientNemesis.isQueued),
  pair('nemesis', 'answer', 'registrations', nemesis.ANSWERS.registrations, clientNemesis.isRegistrations),
  pair('nemesis', 'answer', 'imported', importedWithoutError, clientNemesis.isImportReport),
  pair('nemesis', 'answer', 'link', nemesis.ANSWERS.link, clientNemesis.isLink),
  pair('nemesis', 'answer', 'audit', nemesis.ANSWERS.audit, clientNemesis.isAuditPage),
  ...Object.entries(ide.DOWN).map(([event, schema]) =>
    pair('ide', 'down', event, schema, clientIde.DOWN[event as keyof clientIde.Down] as Check<unknown>),
  ),
  ...Object.entries(channels.DOWN).map(([name, schema]) =>
    pair('channels', 'down', name, schema, channelsCheck),
  ),
]

describe.each(PAIRS)("a client's check of $page $way $name", ({ page, way, name, schema, check }) => {
  const obeys = checker(loosened(schema))
  const values = valuesOf(loosened(schema)).map((value) => JSON.parse(JSON.stringify(value)) as unknown)

  it('takes what the spec page shows', () => {
    const vectors = readVectors(page).filter((one) => one.way === way && one.name === name)
    expect(vectors.length).toBeGreaterThan(0)
    for (const { json } of vectors) expect(check(JSON.parse(json))).toBe(true)
  })

  it('takes what the schema takes', () => {
    fc.assert(fc.property(values, (value) => check(value)))
  })

  it('says what the schema says, whatever it is', () => {
    const anything = fc.oneof(
      { weight: 4, arbitrary: spoilt(values) },
      { weight: 1, arbitrary: fc.jsonValue() },
    )
    fc.assert(
      fc.property(anything, (value) => {
        // Of another type it is another message of the same wire.
        const isOther =
          page === 'channels' && (value as { type?: unknown } | null)?.type !== channels.TYPES[name as 'list']
        if (!isOther) expect(check(value)).toBe(obeys(value).ok)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a client', () => {
  it('never throws at a frame', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (frame) => {
        decode(clientChat.isMessages, frame)
        clientChannels.decodeDown(frame)
        clientIde.decodeDown(frame)
        clientIde.decodeDown(`msg:|:${frame}`)
      }),
    )
  })

  it('ignores a message that only a newer server has, and takes nothing else', () => {
    expect(clientIde.decodeDown('moved:|:{}')).toBe('unknown')
    expect(clientChannels.decodeDown('{"type":7}')).toBe('unknown')
    for (const event of [
      '',
      'hello',
      ':|:{}',
      '__proto__:|:{}',
      'MSG:|:{}',
      'list:|:{}',
      'list:|:[1]',
      'list:|:[',
    ])
      expect(clientIde.decodeDown(event)).toBeUndefined()
    for (const frame of ['', '7', '[]', '{}', '{"type":"0"}', '{"type":0.5}', '{"type":3}'])
      expect(clientChannels.decodeDown(frame)).toBeUndefined()
  })

  it('says what the server takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), fc.jsonValue(), (text, data) => {
        expect(clientChat.encodeUp(text)).toBe(chat.encodeUp(text))
        const sent = ide.decodeUp(clientIde.encodeUp('send', { to: text, data }))
        expect(sent).toMatchObject({ ok: true, value: { event: 'send', params: { to: text } } })
        expect(clientPresence.encodeUp([text])).toBe(presence.encodeUp([text]))
      }),
    )
  })

  it("has the server's own numbers and names", () => {
    expect([clientChat.TEXT_MAX, clientChat.FRAME_MAX_BYTES]).toEqual([chat.TEXT_MAX, chat.FRAME_MAX_BYTES])
    expect([clientIde.DELIMITER, clientIde.FRAME_MAX_BYTES]).toEqual([ide.DELIMITER, ide.FRAME_MAX_BYTES])
    expect([clientChannels.TYPES, clientChannels.FRAME_MAX_BYTES]).toEqual([
      channels.TYPES,
      channels.FRAME_MAX_BYTES,
    ])
    expect(clientPresence.NAMES_MAX).toBe(presence.NAMES_MAX)
  })

  it('names a channel as the server does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (written) => {
        const name = channels.parseChannel(`##${written}`)
        if (name.ok) expect(clientChannels.channelName(`#${written}`)).toBe(name.value)
      }),
    )
  })

  it('has types that what the schemas describe belongs to', () => {
    expectTypeOf<Static<typeof chat.Message>>().toExtend<clientChat.Message>()
    expectTypeOf<Static<typeof chat.Link>>().toExtend<clientChat.Link>()
    expectTypeOf<Static<typeof ide.Repo>>().toExtend<clientIde.Repo>()
    expectTypeOf<Static<typeof ide.DOWN.error>>().toExtend<clientIde.Down['error']>()
    expectTypeOf<channels.Down>().toExtend<clientChannels.Down>()
    expectTypeOf<presence.Users>().toExtend<clientPresence.Users>()
    expectTypeOf<presence.Processes>().toExtend<clientPresence.Processes>()
    expectTypeOf<nemesis.QueuedRegistration>().toExtend<clientNemesis.QueuedRegistration>()
    expectTypeOf<nemesis.ImportedRow>().toExtend<clientNemesis.ImportedRow>()
  })
})

it('loosening keeps the shape of a schema and lets go of its lists of names', () => {
  const strict = Type.Object({
    code: Type.Enum(['A']),
    name: Type.String({ maxLength: 1 }),
    id: Type.Integer(),
  })
  const check = checker(loosened(strict))
  expect(check({ code: 'B', name: 'long', id: 1 }).ok).toBe(true)
  for (const value of [
    { code: 'B', name: 'long' },
    { code: 1, name: 'x', id: 1 },
    { code: 'A', name: 'x', id: '1' },
  ])
    expect(check(value).ok).toBe(false)
})
