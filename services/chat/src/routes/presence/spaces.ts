import { OPEN_SPACES } from '@switchboard/protocol/between'

/** Asks any process of a service; rejects where none answers. */
export type AskBus = (topic: string, question: string) => Promise<string>

/** Of these spaces those that the account may enter now. Without an answer that is none of them. */
export type OpenSpaces = (account: number, spaces: readonly string[]) => Promise<ReadonlySet<string>>

/** Asks ide, whose spaces they are. */
export const askOpenSpaces =
  (ask: AskBus): OpenSpaces =>
  async (account, spaces) => {
    try {
      const answer = OPEN_SPACES.decodeAnswer(
        await ask(OPEN_SPACES.topic, JSON.stringify({ account, spaces })),
      )
      return new Set(answer.ok ? answer.value.open : [])
    } catch {
      return new Set()
    }
  }
