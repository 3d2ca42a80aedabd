import { answer } from '@switchboard/hub/ask'
import type { Broker, Unsubscribe } from '@switchboard/hub/broker'
import { OPEN_SPACES } from '@switchboard/protocol/between'
import { parseSpace } from '@switchboard/protocol/ide'
import { isOpenTo, isRepoId, type Standing } from '../domain/spaces.ts'

interface Parts {
  broker: Broker
  /** How the account stands to each of these repos' ids; without those that no repo has or had. */
  standings(ids: readonly string[], accountId: number): Promise<ReadonlyMap<string, Standing>>
}

/** Answers other services which spaces an account may enter now; not at all where that cannot be looked up. */
export function answerOpenSpaces({ broker, standings }: Parts): Promise<Unsubscribe> {
  return answer(broker, OPEN_SPACES.topic, async (text) => {
    const question = OPEN_SPACES.decodeQuestion(text)
    if (!question.ok) return undefined
    const { account, spaces } = question.value
    const known = await standings(spaces.filter(isRepoId), account)
    const open = spaces.filter((space) => parseSpace(space).ok && isOpenTo(known.get(space) ?? 'none'))
    return JSON.stringify({ open })
  })
}
