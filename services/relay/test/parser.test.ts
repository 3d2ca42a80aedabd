import fc from 'fast-check'
import { Encoder, PacketType } from 'socket.io-parser'
import { expect, test } from 'vitest'
import { Encoded, PARSER } from '../src/routes/parser.ts'

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

test('an argument that is JSON already goes into the packet as it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue({ maxDepth: 3 }), fc.nat(), (event, value, id) => {
      const packet = { type: PacketType.EVENT, nsp: '/abc', id }
      const [encoded] = new PARSER.Encoder().encode({
        ...packet,
        data: [event, new Encoded(JSON.stringify(value))],
      })
      expect([encoded]).toEqual(new Encoder().encode({ ...packet, data: [event, value] }))
    }),
  )
})
