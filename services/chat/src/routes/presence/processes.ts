import type { Presence } from '@switchboard/hub/presence'
import { unavailable } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { PROCESSES } from '@switchboard/protocol/between'
import type { Processes } from '@switchboard/protocol/presence'
import { processesOf } from '../../domain/presence/processes.ts'
import { success } from '../answers.ts'
import { whoAsks } from '../who.ts'

/** Tells whoever has an account which processes of the installation run. */
export function processRoutes(app: Server, presence: Pick<Presence, 'list'>): void {
  app.get('/api/v1/processes', async (request) => {
    await whoAsks(request)
    const entries = await presence.list(PROCESSES).catch((error: unknown) => {
      throw unavailable(error)
    })
    return success<Processes>({ services: processesOf(entries) })
  })
}
