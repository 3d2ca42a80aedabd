import { unavailable } from '@switchboard/kit/http-error'
import { LEADS_COLLEGE, LIVING_TOKEN, OPEN_SPACES } from '@switchboard/protocol/between'
import type { Result } from '@switchboard/protocol/result'
import type { AskBus } from '../presence/spaces.ts'

interface Question<A> {
  topic: string
  decodeAnswer(text: string): Result<A>
}

/** What other services know. Every call rejects (503) where none of them answers. */
export function createLinkQuestions(ask: AskBus) {
  async function asked<A>({ topic, decodeAnswer }: Question<A>, question: object): Promise<A> {
    let text: string
    try {
      text = await ask(topic, JSON.stringify(question))
    } catch (error) {
      throw unavailable(error)
    }
    const answer = decodeAnswer(text)
    if (!answer.ok) throw unavailable()
    return answer.value
  }

  return {
    isLiving: async (token: string) => (await asked(LIVING_TOKEN, { token })).living,
    isOpen: async (account: number, space: string) =>
      (await asked(OPEN_SPACES, { account, spaces: [space] })).open.includes(space),
    leads: async (token: string, college: string) => (await asked(LEADS_COLLEGE, { token, college })).leads,
  }
}

export type LinkQuestions = ReturnType<typeof createLinkQuestions>
