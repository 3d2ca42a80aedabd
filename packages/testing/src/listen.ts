import type { AddressInfo } from 'node:net'

/** An app that listens on a free port of the loopback until it is disposed of. */
export interface Listening extends AsyncDisposable {
  port: number
  /** `http://127.0.0.1:<port>` */
  url: string
  /** `ws://127.0.0.1:<port>` */
  wsUrl: string
}

/** A Fastify app, whatever its type provider. */
interface App {
  listen(options: { port: number; host: string }): Promise<unknown>
  close(): PromiseLike<unknown>
  server: { address(): AddressInfo | string | null }
}

export async function listen(app: App): Promise<Listening> {
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
