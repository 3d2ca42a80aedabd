import { answer } from '@switchboard/hub/ask'
import type { Broker, Unsubscribe } from '@switchboard/hub/broker'
import { LIVING_TOKEN } from '@switchboard/protocol/between'
import type { Tokens } from '../domain/ports.ts'
import { couldBeToken } from '../domain/token.ts'

/** Tells other services whether a token lives. Where that cannot be looked up another process may know. */
export const answerLiving = (broker: Broker, tokens: Tokens): Promise<Unsubscribe> =>
  answer(broker, LIVING_TOKEN.topic, async (question) => {
    const asked = LIVING_TOKEN.decodeQuestion(question)
    if (!asked.ok) return undefined
    const { token } = asked.value
    return JSON.stringify({ living: couldBeToken(token) && (await tokens.find(token)) !== undefined })
  })
