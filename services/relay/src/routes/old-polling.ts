import type { Socket } from 'socket.io'

// biome-ignore lint/suspicious/noControlCharactersInRegex: everything but ASCII
const BEYOND_ASCII = /[^\x00-\x7f]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: every byte
const BYTES_BEYOND_ASCII = /^(?=.*[\x80-\xff])[\x00-\xff]*$/s
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The same JSON, written in ASCII. */
export const toAscii = (json: string): string => json.replace(BEYOND_ASCII, escaped)

/** Decodes what was encoded as UTF-8 twice; leaves everything else as it is. */
export function decodeTwice(text: string): string {
  if (!BYTES_BEYOND_ASCII.test(text)) return text
  try {
    return UTF_8.decode(Buffer.from(text, 'latin1'))
  } catch {
    return text
  }
}

interface Packet {
  data?: unknown
}

/**
 * Clients of socket.io 1.x encode as UTF-8 once more than servers of today what they send by polling, and decode once
 * more what they polled, dropping it where that fails. ASCII stays what it is however often it is decoded. They cannot
 * be told from clients of 2.x, which do neither; text of those that looks as if it was encoded twice is mojibake already.
 */
export function speakOldPolling(connection: Socket['conn']): void {
  if (connection.protocol !== 3) return
  connection.on('packetCreate', (packet: Packet) => {
    if (typeof packet.data === 'string') packet.data = toAscii(packet.data)
  })
  connection.on('packet', (packet: Packet) => {
    if (typeof packet.data === 'string' && connection.transport.name === 'polling')
      packet.data = decodeTwice(packet.data)
  })
}
