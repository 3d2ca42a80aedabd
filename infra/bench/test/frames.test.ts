import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { BadFrame, encodeFrame, OPCODES, readFrames } from '../src/wire/frames.ts'
import { Inflow, ReadArea } from '../src/wire/inflow.ts'
import { Links } from '../src/wire/links.ts'
import { Seat } from '../src/wire/seat.ts'

/** A frame as a server sends it: not masked. */
function serverFrame(payload: Buffer): Buffer {
  const { length } = payload
  if (length < 126) return Buffer.concat([Buffer.from([0x81, length]), payload])
  const header = Buffer.alloc(length > 0xffff ? 10 : 4)
  header[0] = 0x81
  header[1] = length > 0xffff ? 127 : 126
  if (length > 0xffff) header.writeBigUInt64BE(BigInt(length), 2)
  else header.writeUInt16BE(length, 2)
  return Buffer.concat([header, payload])
}

const area = new ReadArea()

/** What a reader gets of bytes that come in chunks, the cuts being where `cuts` says (0 to 1 of all). */
function read(bytes: Buffer, cuts: readonly number[]): string[] {
  const got: string[] = []
  const reader = {
    frame: (_opcode: number, all: Buffer, start: number, end: number) =>
      got.push(all.toString('latin1', start, end)),
  }
  const inflow = new Inflow(area, (all, at, end) => readFrames(all, at, end, reader))
  const places = [...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].sort((a, b) => a - b)
  let from = 0
  for (const to of places) {
    bytes.copy(area.target, 0, from, to)
    inflow.take(to - from)
    from = to
  }
  return got
}

const payload = fc.oneof(
  fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536),
  fc.integer({ min: 0, max: 300 }),
)
const share = fc.double({ min: 0, max: 1, noNaN: true })

test('frames of any size are read whole and in order, wherever their bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 3 }), fc.array(share, { maxLength: 20 }), (sizes, cuts) => {
      const payloads = sizes.map((size, i) => Buffer.alloc(size, `${i}-`))
      const got = read(Buffer.concat(payloads.map(serverFrame)), cuts)
      expect(got).toEqual(payloads.map((one) => one.toString('latin1')))
    }),
  )
})

test('frames are read when their bytes come one at a time', () => {
  const payloads = [Buffer.from(''), Buffer.from('hello'), Buffer.alloc(300, 'x')]
  const bytes = Buffer.concat(payloads.map(serverFrame))
  const cuts = Array.from({ length: bytes.length }, (_, i) => i / bytes.length)
  expect(read(bytes, cuts)).toEqual(payloads.map(String))
})

test.each([
  ['a fragment', [0x01, 0x00]],
  ['a reserved bit', [0xc1, 0x00]],
  ['a masked frame', [0x81, 0x80, 0, 0, 0, 0]],
  ['an absurd length', [0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]],
])('%s is refused', (_what, bytes) => {
  expect(() => read(Buffer.from(bytes), [])).toThrow(BadFrame)
})

test.each([0, 1, 125, 126, 65_535, 65_536])(
  'ws reads a frame of %i bytes, and its echo is read',
  async (size) => {
    await using server = await echo()
    const text = 'é'.repeat(size / 2) + (size % 2 === 1 ? 'x' : '')
    const came = Promise.withResolvers<string>()
    const seat = new Seat(0, {
      links: new Links(),
      port: server.port,
      transport: 'websocket',
      path: '/',
      protocols: ['one', 'two'],
      steps: [],
      answer: undefined,
      heard(_seat, bytes, start, end) {
        came.resolve(bytes.toString('utf8', start, end))
        return 1
      },
      ready: (one) => one.write(encodeFrame(OPCODES.text, text)),
      lost: (_seat, why) => came.reject(new Error(why)),
    })
    expect(await came.promise).toBe(text)
    seat.leave()
  },
)

async function echo(): Promise<{ port: number } & AsyncDisposable> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (ws) => ws.on('message', (data, binary) => ws.send(data, { binary })))
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
