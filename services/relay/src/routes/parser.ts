import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser'

/** Nothing that the relay sends is binary, so that no packet is searched for it, which would cost as much as encoding it. */
class TextEncoder extends Encoder {
  override encode(packet: Packet): string[] {
    const { type, nsp, id, data } = packet
    if (type !== PacketType.EVENT) return super.encode(packet)
    return [`${type}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${JSON.stringify(data)}`]
  }
}

/** For Socket.IO's option `parser`. */
export const PARSER = { Encoder: TextEncoder, Decoder }
