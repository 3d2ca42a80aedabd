import { tooMany } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS } from '@switchboard/protocol/nemesis'
import { parseReset, type ResetRequest } from '@switchboard/protocol/nemesis-requests'
import type { Audit } from '../audit.ts'
import type { Directory } from '../directory.ts'
import type { Links } from '../mail/links.ts'
import type { MailLimits } from './mail-limits.ts'
import { orBad, readParameters } from './parameters.ts'

export interface ResetOptions {
  directory: Pick<Directory, 'person' | 'personByEmail' | 'ping'>
  links: Pick<Links, 'send'>
  audit: Pick<Audit, 'record'>
  mailLimits: MailLimits
}

export function resetRoutes(app: Server, { directory, links, audit, mailLimits }: ResetOptions): void {
  const working = new Set<Promise<void>>()

  async function mailLink(asked: ResetRequest, address: string): Promise<void> {
    const person =
      'username' in asked
        ? await directory.person(asked.username)
        : await directory.personByEmail(asked.email)
    if (person?.email === undefined || (await mailLimits.toPerson(person.userid)) > 0) return
    const { userid, email, firstName } = person
    await audit.record({ actor: undefined, action: 'password-reset-asked', target: userid, address })
    await links.send({ kind: 'reset', userid, email, firstName })
  }

  app.post('/reset_password', { schema: { response: { 200: ANSWERS.empty } } }, async (request) => {
    const asked = orBad(parseReset(orBad(readParameters(request))))
    const seconds = await mailLimits.fromAddress(request.ip)
    if (seconds > 0) throw tooMany(seconds)
    await directory.ping()
    // Behind the answer, so that it takes as long for nobody as for somebody.
    const work = mailLink(asked, request.ip)
      .catch((error: unknown) =>
        request.log.error({ err: error }, 'a link to reset a password was not queued'),
      )
      .finally(() => working.delete(work))
    working.add(work)
    return {}
  })

  app.addHook('onClose', async () => void (await Promise.all(working)))
}
