import type { Server } from '@switchboard/kit/server'

/** @param gitSha 40 hex digits */
export function siteRoutes(app: Server, { gitSha }: { gitSha: string }): void {
  app.get('/site/sha', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(gitSha))
}
