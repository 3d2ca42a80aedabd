import type { Broker, Unsubscribe } from './broker.ts'
import { keepSubscribed } from './keep-subscribed.ts'
import { Unavailable } from './unavailable.ts'

/** Asks whoever answers a topic, in whatever process. */
export interface Ask {
  /** The first answer. Rejects (`Unavailable`) where none came in time, the bus is away, or this was closed. */
  ask(topic: string, question: string): Promise<string>
  close(): void
}

type Bus = Pick<Broker, 'process' | 'publish' | 'subscribe' | 'onChange'>

interface Pending {
  resolve(answer: string): void
  reject(error: Error): void
}

const TIMEOUT_MS = 2_000

/** Counted for each broker, so that several askers of one process hear their own answers only. */
const askers = new WeakMap<Bus, number>()

function answersTopic(broker: Bus): string {
  const asker = (askers.get(broker) ?? 0) + 1
  askers.set(broker, asker)
  return `hub:answers:${broker.process}.${asker}`
}

/** A question is `<id> <topic of its answers>`, a line feed and the text; an answer `<id>`, a line feed and the text. */
const QUESTION = /^(\d+) (\S+)\n/
const ANSWER = /^(\d+)\n/

/** Hears its answers from the first question on. */
export function createAsk(broker: Bus, { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {}): Ask {
  const answers = answersTopic(broker)
  const pending = new Map<string, Pending>()
  let asked = 0
  let closed = false
  let hearing: Promise<Unsubscribe> | undefined

  function hear(text: string): void {
    const [header = '', id = ''] = ANSWER.exec(text) ?? []
    pending.get(id)?.resolve(text.slice(header.length))
  }

  async function hearAnswers(): Promise<void> {
    hearing ??= broker.subscribe(answers, ({ payload }) => hear(payload.toString()))
    try {
      await hearing
    } catch (error) {
      hearing = undefined
      throw error
    }
  }

  return {
    async ask(topic, question) {
      await hearAnswers()
      if (closed) throw new Unavailable('nobody asks any more')
      const id = String(++asked)
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      pending.set(id, { resolve, reject })
      const timer = setTimeout(() => reject(new Unavailable('nobody answered in time')), timeoutMs).unref()
      broker.publish({ topic, payload: Buffer.from(`${id} ${answers}\n${question}`) })
      return promise.finally(() => {
        clearTimeout(timer)
        pending.delete(id)
      })
    },
    close() {
      closed = true
      void hearing?.then((end) => end()).catch(() => {})
      for (const { reject } of pending.values()) reject(new Unavailable('nobody asks any more'))
    },
  }
}

/**
 * Answers what is asked about a topic, as long as the process lives, also after an outage. Every process may answer; the
 * first answer counts. `undefined`, or a handler that rejects, leaves it to others.
 */
export function answer(
  broker: Bus,
  topic: string,
  handler: (question: string) => Promise<string | undefined>,
): Promise<Unsubscribe> {
  async function reply(text: string): Promise<void> {
    const [header = '', id, replyTo] = QUESTION.exec(text) ?? []
    if (id === undefined || replyTo === undefined) return
    const said = await handler(text.slice(header.length)).catch(() => undefined)
    if (said !== undefined) broker.publish({ topic: replyTo, payload: Buffer.from(`${id}\n${said}`) })
  }

  return keepSubscribed(broker, topic, ({ payload }) => void reply(payload.toString()))
}
