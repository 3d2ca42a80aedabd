import type { Server } from '@switchboard/kit/server'
import { ANSWERS } from '@switchboard/protocol/nemesis'
import { parseAuditQuery } from '@switchboard/protocol/nemesis-requests'
import type { Audit } from '../audit.ts'
import type { Directory } from '../directory.ts'
import { mayReadAudit } from '../domain/rights.ts'
import { leaderOf, refused } from './leader.ts'
import { orBad, readParameters } from './parameters.ts'

export function auditRoutes(
  app: Server,
  { directory, audit }: { directory: Pick<Directory, 'person'>; audit: Pick<Audit, 'list'> },
): void {
  app.get('/audit', { schema: { response: { 200: ANSWERS.audit, 403: ANSWERS.empty } } }, async (request) => {
    const { person } = await leaderOf(request, directory)
    if (!mayReadAudit(person)) throw refused()
    const query = orBad(parseAuditQuery(orBad(readParameters(request))))
    return { entries: await audit.list(query) }
  })
}
