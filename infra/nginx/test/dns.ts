import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface Dns extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  address: string
  /** IPv4 addresses that every name has from now on. */
  answers: string[]
}

/** The question as it came, and one A record for each address, good for no time at all (RFC 1035 §4). */
function answer(query: Buffer, addresses: readonly string[]): Buffer {
  const end = query.indexOf(0, 12) + 5
  const head = Buffer.from(query.subarray(0, 12))
  // A response, recursion available; one question, the answers, nothing else.
  head.writeUInt16BE(0x8180, 2)
  for (const [index, count] of [1, addresses.length, 0, 0].entries()) head.writeUInt16BE(count, 4 + 2 * index)
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([head, query.subarray(12, end), ...records])
}

/** A DNS server as Docker's: every name is at the same addresses, which may change. */
export async function startDns(addresses: string[]): Promise<Dns> {
  const socket = createSocket('udp4')
  const dns: Dns = {
    address: '',
    answers: addresses,
    async [Symbol.asyncDispose]() {
      socket.close()
    },
  }
  socket.on('message', (query, { port, address }) => socket.send(answer(query, dns.answers), port, address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  dns.address = `127.0.0.1:${socket.address().port}`
  return dns
}
