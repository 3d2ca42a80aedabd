import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { rawSocket } from '@switchboard/testing/socket'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { descriptorOf, writeBytes } from '../src/writing.ts'

/** More than the system's buffers of a connection hold. */
const TOO_MUCH = Buffer.alloc(16 * 1024 * 1024, 'x')

const listener = createServer()
afterEach(() => void listener.close())

/** Both ends of a connection. */
async function pair(): Promise<{ ours: Socket; theirs: Socket }> {
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const accepted = once(listener, 'connection')
  const theirs = await rawSocket((listener.address() as AddressInfo).port)
  const [ours] = (await accepted) as [Socket]
  ours.on('error', () => {})
  return { ours, theirs }
}

/** All that comes until the other end has nothing more to say. */
async function all(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

describe('writing past the stream', () => {
  it('is what the kernel takes at once, without a write of the stream', async () => {
    const { ours, theirs } = await pair()
    const written = vi.spyOn(ours, 'write')
    writeBytes(ours, descriptorOf(ours), Buffer.from('at once'))
    ours.end()
    expect(String(await all(theirs))).toBe('at once')
    expect(written).not.toHaveBeenCalled()
  })

  it('keeps the order of all that is written, also of what the stream writes and what the kernel does not take', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            size: fc.oneof(fc.nat(200), fc.nat(3_000_000)),
            past: fc.boolean(),
            yields: fc.boolean(),
          }),
          { maxLength: 12 },
        ),
        async (parts) => {
          const { ours, theirs } = await pair()
          const sent: Buffer[] = []
          for (const [index, { size, past, yields }] of parts.entries()) {
            const bytes = Buffer.alloc(size + 1, index + 1)
            sent.push(bytes)
            if (past) writeBytes(ours, descriptorOf(ours), bytes)
            else ours.write(bytes)
            if (yields) await new Promise(setImmediate)
          }
          ours.end()
          expect((await all(theirs)).equals(Buffer.concat(sent))).toBe(true)
          listener.close()
        },
      ),
      { numRuns: 50 },
    ))

  it('leaves to the stream what does not fit, so that it counts as waiting', async () => {
    const { ours, theirs } = await pair()
    const descriptor = descriptorOf(ours)
    theirs.pause()
    writeBytes(ours, descriptor, TOO_MUCH)
    expect(ours.writableLength).toBeGreaterThan(0)
    writeBytes(ours, descriptor, Buffer.from('behind it'))
    ours.end()
    const came = await all(theirs)
    expect(came.length).toBe(TOO_MUCH.length + 'behind it'.length)
    expect(String(came.subarray(TOO_MUCH.length))).toBe('behind it')
  })

  it('writes nothing to a descriptor whose socket is closed, because it is another socket by now', async () => {
    const first = await pair()
    first.ours.destroy()
    listener.close()
    const next = await pair()
    writeBytes(first.ours, descriptorOf(next.ours), Buffer.from('for the first'))
    next.ours.end('for the next')
    expect(String(await all(next.theirs))).toBe('for the next')
  })

  it('fails as the stream does where the other end is gone', async () => {
    const { ours, theirs } = await pair()
    const failed = new Promise<Error>((resolve) => ours.once('error', resolve))
    theirs.resetAndDestroy()
    while (!ours.destroyed) {
      writeBytes(ours, descriptorOf(ours), Buffer.from('nobody'))
      await new Promise(setImmediate)
    }
    expect(await failed).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) })
  })

  it('is not done where the bytes are not those of the network', () => {
    const [one] = duplexPair()
    expect(descriptorOf(new TLSSocket(one))).toBeUndefined()
  })
})
