import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut, for one process that is cut off while others are not. */
export interface Line extends AsyncDisposable {
  port: number
  /** Ends every connection and takes no new one. */
  cut(): void
  /** Takes connections and keeps those that are there, but nothing comes through any more, in either direction. */
  stall(): void
  /** Undoes `cut` and `stall`; what was held back comes through. */
  mend(): void
  /** New connections go to another port: the server was started anew. */
  lead(port: number): void
}

export interface LineOptions {
  /** How long everything is on the way, in either direction, milliseconds. */
  delayMs?: number
}

export async function lineTo(port: number, { delayMs = 0 }: LineOptions = {}): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false
  let isStalled = false
  let target = port

  function carry(chunk: Buffer, to: Socket): void {
    if (delayMs === 0) to.write(chunk)
    else setTimeout(() => to.destroyed || to.write(chunk), delayMs)
  }
  function keep(socket: Socket, other: Socket): void {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
    socket.on('data', (chunk: Buffer) => carry(chunk, other))
    if (isStalled) socket.pause()
  }

  const server = createServer((client) => {
    const behind = connect(target, '127.0.0.1')
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
    stall() {
      isStalled = true
      for (const socket of sockets) socket.pause()
    },
    mend() {
      isCut = false
      isStalled = false
      for (const socket of sockets) socket.resume()
    },
    lead(other) {
      target = other
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
    },
  }
}
