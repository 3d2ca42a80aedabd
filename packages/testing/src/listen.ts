import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** An app that listens on a free port of the loopback until it is disposed of. */
export interface Listening extends AsyncDisposable {
  port: number
  /** `http://127.0.0.1:<port>` */
  url: string
  /** `ws://127.0.0.1:<port>` */
  wsUrl: string
}

export async function listen(app: Pick<FastifyInstance, 'listen' | 'close' | 'server'>): Promise<Listening> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await app.close()
    },
  }
}
