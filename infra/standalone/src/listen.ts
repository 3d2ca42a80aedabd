import { once } from 'node:events'
import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { BACKLOG } from '@switchboard/kit/backlog'

/** Listens, and answers the origin; disposed of, it takes no new connection and closes those that idle. */
export async function listenOn(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<{ url: string } & AsyncDisposable> {
  server.listen({ port, host, backlog: BACKLOG })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address')
  const shown = isIPv6(address.address) ? `[${address.address}]` : address.address
  return {
    url: `http://${shown}:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeIdleConnections()
    },
  }
}
