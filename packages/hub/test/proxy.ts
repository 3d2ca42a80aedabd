import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy to a port of this machine, whose traffic a test looks at. */
export interface Proxy extends AsyncDisposable {
  port: number
  /** What clients sent, as it was read: one write of theirs each, while they are small. */
  sent: Buffer[]
}

export async function proxyTo(port: number): Promise<Proxy> {
  const sent: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', () => {})
    }
    client.on('data', (bytes) => sent.push(bytes))
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    sent,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
