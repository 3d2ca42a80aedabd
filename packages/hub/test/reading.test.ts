import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { rawSocket } from '@switchboard/testing/socket'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { readTexts } from '../src/reading.ts'
import { clientFrame, masks } from './client-frame.ts'
import { Server, upgradeRequest } from './server.ts'

const MAX_PAYLOAD = 66_000

const text = fc.string({ unit: 'binary', maxLength: 150 }).map((value) => Buffer.from(value))
const bytes = fc.uint8Array({ maxLength: 150 }).map((value) => Buffer.from(value))
const short = fc.uint8Array({ maxLength: 125 }).map((value) => Buffer.from(value))
const frame = (first: number, payload: fc.Arbitrary<Buffer>) =>
  fc.tuple(payload, masks).map(([it, mask]) => clientFrame(first, it, mask))

const good = fc.oneof(
  { weight: 8, arbitrary: frame(0x81, text) },
  frame(
    0x81,
    fc.integer({ min: 120, max: MAX_PAYLOAD }).map((length) => Buffer.alloc(length, 'x')),
  ),
  frame(0x82, bytes),
  frame(0x89, short),
  frame(0x8a, short),
  fc.tuple(frame(0x01, text), frame(0x89, short), frame(0x80, text)).map((parts) => Buffer.concat(parts)),
)
/** What ends a connection, with or without a word. */
const last = fc.oneof(
  frame(0x88, fc.constant(Buffer.from([0x03, 0xe8]))),
  frame(0x81, bytes),
  frame(0x81, fc.constant(Buffer.alloc(MAX_PAYLOAD + 1))),
  frame(0xc1, text),
  frame(0x83, text),
  fc.constant(Buffer.from([0x81, 3, 1, 2, 3])),
  bytes,
)
const cuts = fc.array(fc.nat(), { maxLength: 8 })

function cutAt(stream: Buffer, at: readonly number[]): Buffer[] {
  const places = at.map((place) => place % (stream.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((from, i) => stream.subarray(from, places[i]))
}

/** A hub's messages by session. */
function listening(options: { foreign: boolean }) {
  const heard = new Map<string, (string | undefined)[]>()
  const server = new Server({
    ...options,
    limits: false,
    ws: { maxPayload: MAX_PAYLOAD },
    message(connection, message) {
      const known = heard.get(connection.session)
      if (known) known.push(message)
      else heard.set(connection.session, [message])
    },
  })
  return { server, heard }
}

describe('the bytes of a client', () => {
  const quick = listening({ foreign: false })
  const plain = listening({ foreign: true })
  beforeAll(() => Promise.all([quick.server.listen(), plain.server.listen()]))
  afterAll(() => Promise.all([quick, plain].map(({ server }) => server[Symbol.asyncDispose]())))

  let sessions = 0

  /** What the handler heard and what the client got back, once the connection is over. */
  async function said({ server, heard }: typeof quick, chunks: readonly Buffer[]) {
    const session = `/${sessions++}`
    const accepted = server.accepted(session)
    const client = await server.connectRaw(session)
    const over = once(client, 'close')
    const answer: Buffer[] = []
    client.on('data', (chunk: Buffer) => answer.push(chunk))
    client.write(client.upgrade)
    await accepted
    for (const chunk of chunks) {
      client.write(chunk)
      await new Promise(setImmediate)
    }
    client.end()
    await over
    await expect.poll(() => server.closed.includes(session), { interval: 1 }).toBe(true)
    return { heard: heard.get(session) ?? [], answer: Buffer.concat(answer) }
  }

  it('mean the same as to ws alone, whatever they are and wherever they are cut', () =>
    fc.assert(
      fc.asyncProperty(fc.array(good, { maxLength: 12 }), last, cuts, async (frames, end, at) => {
        const chunks = cutAt(Buffer.concat([...frames, end]), at)
        const [ours, theirs] = await Promise.all([said(quick, chunks), said(plain, chunks)])
        expect(ours.heard).toEqual(theirs.heard)
        expect(ours.answer.equals(theirs.answer)).toBe(true)
      }),
    ))
})

describe('reading texts', () => {
  /** A socket that `ws` took, and whether its texts are read. */
  async function accepted(options: object): Promise<boolean> {
    const http = createServer()
    const upgrades = new WebSocketServer({ noServer: true, ...options })
    const known = new Promise<boolean>((resolve) =>
      http.on('upgrade', (request, socket, head) =>
        upgrades.handleUpgrade(request, socket, head, (ws) => {
          resolve(readTexts(ws, socket as Socket, { hearText() {} }))
          ws.terminate()
        }),
      ),
    )
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const client = await rawSocket((http.address() as AddressInfo).port)
    client.write(upgradeRequest('/'))
    const answer = await known
    client.destroy()
    http.close()
    return answer
  }

  it('is known how to do with the Node and the ws that are installed', async () => {
    expect(await accepted({ perMessageDeflate: false })).toBe(true)
  })

  it('is left to a ws that is told to do it otherwise', async () => {
    expect(await accepted({ perMessageDeflate: false, allowSynchronousEvents: false })).toBe(false)
    expect(await accepted({ perMessageDeflate: false, skipUTF8Validation: true })).toBe(false)
  })
})
