import { createHash, randomUUID } from 'node:crypto'
import { answer } from '@switchboard/hub/ask'
import type { Broker } from '@switchboard/hub/broker'
import {
  channelTopic,
  LEADS_COLLEGE,
  LIVING_TOKEN,
  OPEN_SPACES,
  type Registered,
  type Relayed,
  registrationsTopic,
  relayedTopic,
  spaceTopic,
} from '@switchboard/protocol/between'
import { decodeDown, encodeDown } from '@switchboard/protocol/channels'
import { encodeDown as encodeEvent } from '@switchboard/protocol/ide'

/** A message in a channel, as its members get it. */
export interface Heard {
  dest: string
  user: string
  message: string
}

/** The other services, as far as chat hears of them: what they publish and answer. */
export interface Outside extends AsyncDisposable {
  say(channel: string, nick: string, ...texts: string[]): void
  /** Collects what is said in a channel from now on. */
  listen(channel: string): Promise<Heard[]>
  relayed(token: string, request: Partial<Relayed>): void
  /** An ide space is entered or left. */
  space(event: 'joined' | 'died', user: string, space: string): void
  registered(college: string, team: string): void
  /** Bytes as they are, on any topic. */
  raw(topic: string, payload: string): void
  living: Set<string>
  /** `<account> <space>` */
  open: Set<string>
  /** `<token> <college>` */
  leaders: Set<string>
  /** What was asked. */
  questions: string[]
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** @param broker of a process that is none of the service's */
export async function openOutside(broker: Broker): Promise<Outside> {
  const living = new Set<string>()
  const open = new Set<string>()
  const leaders = new Set<string>()
  const questions: string[] = []
  const raw = (topic: string, payload: string) =>
    broker.publish({ topic, id: randomUUID(), payload: Buffer.from(payload) })

  function asked<Q>(
    { topic, decodeQuestion }: { topic: string; decodeQuestion(text: string): { ok: boolean; value?: Q } },
    reply: (question: Q) => object,
  ) {
    return answer(broker, topic, async (text) => {
      questions.push(text)
      const question = decodeQuestion(text)
      return question.ok ? JSON.stringify(reply(question.value as Q)) : undefined
    })
  }
  await asked(LIVING_TOKEN, ({ token }) => ({ living: living.has(token) }))
  await asked(OPEN_SPACES, ({ account, spaces }) => ({
    open: spaces.filter((space) => open.has(`${account} ${space}`)),
  }))
  await asked(LEADS_COLLEGE, ({ token, college }) => ({ leads: leaders.has(`${token} ${college}`) }))

  return {
    living,
    open,
    leaders,
    questions,
    raw,
    say(channel, user, ...texts) {
      for (const message of texts) {
        raw(channelTopic(channel), encodeDown({ type: 0, dest: `#${channel}`, message, user }))
      }
    },
    async listen(channel) {
      const heard: Heard[] = []
      await broker.subscribe(channelTopic(channel), ({ payload }) => {
        const frame = decodeDown(payload.toString())
        if (!frame.ok || frame.value.type !== 0) throw new Error(`not a message: ${payload}`)
        const { dest, user, message } = frame.value
        heard.push({ dest, user, message })
      })
      return heard
    },
    relayed(token, request) {
      const relayed = { id: randomUUID(), method: 'POST', path: '/', body: '', ...request }
      raw(relayedTopic(hashOf(token)), JSON.stringify(relayed))
    },
    space: (event, user, space) => raw(spaceTopic(space), encodeEvent(event, { user, space })),
    registered(college, team) {
      const registered: Registered = { id: randomUUID(), team }
      raw(registrationsTopic(college), JSON.stringify(registered))
    },
    [Symbol.asyncDispose]: () => broker.close(),
  }
}
