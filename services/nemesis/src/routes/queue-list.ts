import type { Server } from '@switchboard/kit/server'
import { ANSWERS, type QueuedRegistration, REGISTRATIONS_MAX } from '@switchboard/protocol/nemesis'
import { parseRegistrationsQuery } from '@switchboard/protocol/nemesis-requests'
import type { FastifyReply } from 'fastify'
import type { Audit } from '../audit.ts'
import { writeRegistrations } from '../csv/write.ts'
import type { Directory, Person } from '../directory.ts'
import { mayDecide, maySeeRegistrations } from '../domain/rights.ts'
import type { RegistrationFilter, RegistrationQueue } from '../store/registrations.ts'
import { leaderOf, refused } from './leader.ts'
import { orBad, readParameters } from './parameters.ts'

export interface QueueListOptions {
  directory: Pick<Directory, 'person'>
  queue: Pick<RegistrationQueue, 'list'>
  audit: Pick<Audit, 'record'>
}

/** The colleges whose registrations someone sees; `undefined`: everyone's, also of colleges that are gone. */
function collegesOf(person: Person): string[] | undefined {
  if (maySeeRegistrations(person, '')) return undefined
  return person.colleges.map(({ name }) => name).filter((name) => maySeeRegistrations(person, name))
}

/** All from `filter.after` on, page by page. */
async function* pagesOf(
  queue: Pick<RegistrationQueue, 'list'>,
  filter: Omit<RegistrationFilter, 'count'>,
): AsyncGenerator<QueuedRegistration[]> {
  let { after } = filter
  for (;;) {
    const page = await queue.list({ ...filter, after, count: REGISTRATIONS_MAX })
    const last = page.at(-1)
    if (!last) return
    yield page
    after = last.id
  }
}

const sendCsv = (reply: FastifyReply, pages: AsyncIterable<QueuedRegistration[]>): FastifyReply =>
  reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', 'attachment; filename="registrations.csv"')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .send(writeRegistrations(pages))

/** Who waits, and what became of those who waited; for administrators also as CSV. */
export function queueListRoutes(app: Server, { directory, queue, audit }: QueueListOptions): void {
  app.get(
    '/registrations',
    { schema: { response: { 200: ANSWERS.registrations, 403: ANSWERS.empty } } },
    async (request, reply) => {
      const { person } = await leaderOf(request, directory)
      const { csv, ...query } = orBad(parseRegistrationsQuery(orBad(readParameters(request))))
      const filter = { ...query, colleges: collegesOf(person) }
      if (!csv) return { registrations: await queue.list(filter) }
      if (!mayDecide(person)) throw refused()
      const details = { state: query.state ?? 'all' }
      await audit.record({ actor: person.userid, action: 'export', address: request.ip, details })
      return sendCsv(reply, pagesOf(queue, filter))
    },
  )
}
