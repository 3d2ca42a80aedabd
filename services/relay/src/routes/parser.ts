import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser'

/** An event's argument that is JSON already. */
export class Encoded {
  readonly json: string
  constructor(json: string) {
    this.json = json
  }
}

const encodeData = (data: unknown): string => {
  const [event, argument] = data as [string, ...unknown[]]
  return argument instanceof Encoded ? `[${JSON.stringify(event)},${argument.json}]` : JSON.stringify(data)
}

/** Nothing that the relay sends is binary, so that no packet is searched for it, which would cost as much as encoding it. */
class TextEncoder extends Encoder {
  override encode(packet: Packet): string[] {
    const { type, nsp, id, data } = packet
    if (type !== PacketType.EVENT) return super.encode(packet)
    return [`${type}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${encodeData(data)}`]
  }
}

/** For Socket.IO's option `parser`. */
export const PARSER = { Encoder: TextEncoder, Decoder }
