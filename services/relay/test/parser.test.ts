import fc from 'fast-check'
import { Encoder, PacketType } from 'socket.io-parser'
import { expect, test } from 'vitest'
import { PARSER } from '../src/routes/parser.ts'

test('a packet is encoded as Socket.IO does it', () => {
  const json = fc.jsonValue({ maxDepth: 3 })
  const packets = fc.record(
    {
      type: fc.constantFrom(PacketType.CONNECT, PacketType.DISCONNECT, PacketType.EVENT, PacketType.ACK),
      nsp: fc.constantFrom('/', '/abc', '/v1/abc'),
      id: fc.nat(),
      data: fc.array(json, { minLength: 1 }),
    },
    { requiredKeys: ['type', 'nsp', 'data'] },
  )
  fc.assert(
    fc.property(packets, (packet) => {
      expect(new PARSER.Encoder().encode(packet)).toEqual(new Encoder().encode(packet))
    }),
  )
})
