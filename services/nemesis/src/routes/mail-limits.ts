import type { Limits } from '@switchboard/kit/limits'
import { LIMITS } from '@switchboard/protocol/limits'
import { nameKey } from '@switchboard/protocol/names'

/** Of mails that people ask for. Each answers the seconds until there may be one more; 0: now, and it is counted. */
export interface MailLimits {
  fromAddress(address: string): Promise<number>
  toPerson(userid: string): Promise<number>
}

export function createMailLimits(limits: Pick<Limits, 'counter'>): MailLimits {
  const { windowSeconds, perAddress, perPerson } = LIMITS.mails
  const addresses = limits.counter('mails:address', { points: perAddress, windowSeconds })
  const people = limits.counter('mails:person', { points: perPerson, windowSeconds })
  return {
    fromAddress: (address) => addresses.take(address),
    toPerson: (userid) => people.take(nameKey(userid)),
  }
}
