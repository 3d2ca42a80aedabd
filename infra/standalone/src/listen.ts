import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer, isIPv6 } from 'node:net'
import { BACKLOG } from '@switchboard/kit/backlog'

interface Place {
  host: string
  port: number
}

/** Rejects where one could not listen there: sooner than after seconds in which a database is made. */
export async function tryListening({ host, port }: Place): Promise<void> {
  const probe = createServer().listen({ port, host })
  await once(probe, 'listening')
  probe.close()
  await once(probe, 'close')
}

/** Listens, and answers the origin; disposed of, it takes no new connection and closes those that idle. */
export async function listenOn(
  server: Server,
  { host, port }: Place,
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
