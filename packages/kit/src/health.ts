import type { FastifyInstance } from 'fastify'

/** What a process needs to be of use, by name; each rejects where it is away. */
export type Needs = Readonly<Record<string, () => Promise<unknown>>>

declare module 'fastify' {
  interface FastifyInstance {
    /** The names of its needs that do not answer now. */
    missing(): Promise<string[]>
  }
}

/** Milliseconds that each need has to answer; a probe waits no longer. */
const PROBE_TIMEOUT_MS = 2_000

async function answers(need: () => Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => late.resolve(false), PROBE_TIMEOUT_MS)
  try {
    return await Promise.race([
      need().then(
        () => true,
        () => false,
      ),
      late.promise,
    ])
  } finally {
    clearTimeout(timer)
  }
}

/** `GET /healthz`: the process lives. `GET /readyz`: what it needs answers; else 503 with the names of what does not. */
export function serveHealth(app: FastifyInstance, needs: Needs): void {
  app.decorate('missing', async () => {
    const names = Object.keys(needs)
    const up = await Promise.all(Object.values(needs).map(answers))
    return names.filter((_name, index) => !up[index])
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const missing = await app.missing()
    if (missing.length === 0) return { status: 'ok' }
    return reply.code(503).send({ status: 'unavailable', missing })
  })
}
