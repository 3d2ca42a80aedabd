import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut, for one process that is cut off while others are not. */
export interface Line extends AsyncDisposable {
  port: number
  cut(): void
  mend(): void
}

export async function lineTo(port: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false

  function keep(socket: Socket, other: Socket): void {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
    socket.pipe(other)
  }

  const server = createServer((client) => {
    const behind = connect(port, '127.0.0.1')
    keep(client, behind)
    keep(behind, client)
    if (isCut) client.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  function cut(): void {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend() {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
    },
  }
}
