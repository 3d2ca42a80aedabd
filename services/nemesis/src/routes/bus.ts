import type { Tokens } from '@switchboard/auth/tokens'
import { answer } from '@switchboard/hub/ask'
import type { Broker, Unsubscribe } from '@switchboard/hub/broker'
import { LEADS_COLLEGE, type Registered, registrationsTopic } from '@switchboard/protocol/between'
import type { Directory } from '../directory.ts'
import { maySeeCollege } from '../domain/rights.ts'

/** To whoever follows the college; nobody may. */
export const tellRegistered =
  (broker: Pick<Broker, 'publish'>) =>
  (college: string, registered: Registered): void =>
    broker.publish({
      topic: registrationsTopic(college),
      payload: Buffer.from(JSON.stringify(registered)),
    })

/**
 * Answers whose token is of somebody who sees a college, as the directory has it now. What cannot be looked up is left to
 * others; where nobody can, who asked hears nothing.
 */
export function answerLeadsCollege(
  broker: Broker,
  { tokens, directory }: { tokens: Pick<Tokens, 'verify'>; directory: Pick<Directory, 'person'> },
): Promise<Unsubscribe> {
  return answer(broker, LEADS_COLLEGE.topic, async (text) => {
    const question = LEADS_COLLEGE.decodeQuestion(text)
    if (!question.ok) return undefined
    const { token, college } = question.value
    const who = await tokens.verify(token)
    if (!who.ok && who.error === 'UNAVAILABLE') return undefined
    const person = who.ok ? await directory.person(who.value.name) : undefined
    return JSON.stringify({ leads: person !== undefined && maySeeCollege(person, college) })
  })
}
