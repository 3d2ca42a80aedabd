import { isUnavailable } from '@switchboard/kit/database'
import type { FastifyBaseLogger } from 'fastify'
import { createAlarm } from './alarm.ts'
import type { ClaimedMail, Outbox } from './outbox.ts'
import { MailProblem, type Transport } from './transport.ts'

export interface SenderStats {
  sent: number
  /** Tries that did not end well. */
  failed: number
  givenUp: number
  /** In the outbox, when somebody looked last. */
  waiting: number
}

export interface Sender {
  stats(): SenderStats
  /** Begins no more, and waits some seconds for what was begun. */
  close(): Promise<void>
}

export interface SenderOptions {
  outbox: Outbox
  transport: Transport
  log: Pick<FastifyBaseLogger, 'warn' | 'error'>
  /** `false`: what mails need to say is not known yet. */
  mayBegin?: () => boolean
  /** How often it looks for what others queued, and for what is due again. */
  pollMs?: number
  /** How long a stop waits for a server that is slow to answer. */
  closePatienceMs?: number
}

/** Mails that are on their way at once. */
const AT_ONCE = 4
const POLL_MS = 5_000
/** A mail's whole conversation takes less, so that nobody else begins while it goes on. */
const SEND_TIMEOUT_MS = 60_000
const LEASE_MS = 2 * SEND_TIMEOUT_MS
/** Less than what a process has for its end; see kit's `run`. */
const CLOSE_PATIENCE_MS = 7_000
const MARK_AGAIN_MS = 1_000
const BEGIN_AGAIN_MS = 100
/** RFC 5321 §4.5.4.1: "the give-up time generally needs to be at least 4-5 days". */
const GIVE_UP_MS = 5 * 24 * 60 * 60 * 1000

/** 10 s, doubling to an hour. @param attempt from 1 */
export const backoffMs = (attempt: number): number => Math.min(10_000 * 2 ** (attempt - 1), 60 * 60 * 1000)

/** What may be told of it: no error but ours is free of what it was about. */
const problemOf = (error: unknown): MailProblem =>
  error instanceof MailProblem ? error : new MailProblem('broken', false)

/** Sends what is in the outbox, beside others that do the same. */
export function startSender({
  outbox,
  transport,
  log,
  mayBegin = () => true,
  pollMs = POLL_MS,
  closePatienceMs = CLOSE_PATIENCE_MS,
}: SenderOptions): Sender {
  const stats: SenderStats = { sent: 0, failed: 0, givenUp: 0, waiting: 0 }
  const alarm = createAlarm()
  const running = new Set<Promise<void>>()
  /** Taken by the server, while the database was away. */
  const unmarked = new Set<string>()
  const cutOff = new AbortController()
  let closing = false

  async function markSent(): Promise<void> {
    for (const id of unmarked) {
      await outbox.sent(id)
      unmarked.delete(id)
    }
  }

  async function failed(mail: ClaimedMail, { message: problem, permanent }: MailProblem): Promise<void> {
    const { id, kind, useridKey: userid, attempt } = mail
    const told = { mail: id, kind, userid, attempt, problem }
    if (cutOff.signal.aborted) return outbox.retry(mail, 0, problem)
    stats.failed++
    if (!permanent && mail.ageMs < GIVE_UP_MS) {
      log.warn(told, 'a mail could not be sent; it is tried again')
      return outbox.retry(mail, backoffMs(attempt), problem)
    }
    log.error(told, 'a mail could not be sent, and is given up')
    stats.givenUp++
    return outbox.giveUp(mail, problem)
  }

  async function deliver(mail: ClaimedMail): Promise<void> {
    if (unmarked.has(mail.id)) return
    if (!mail.text) return failed(mail, new MailProblem('its secret or its template is gone', true))
    try {
      const signal = AbortSignal.any([cutOff.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)])
      await transport.send({ id: mail.id, ...mail.text }, signal)
    } catch (error) {
      return failed(mail, problemOf(error))
    }
    stats.sent++
    unmarked.add(mail.id)
    await markSent()
  }

  /** A database that is away is told of by everybody else. */
  function tell(error: unknown): void {
    if (!isUnavailable(error)) log.error({ err: error }, 'the outbox cannot be worked')
  }

  /** What cannot be said of a mail is left to its lease. */
  function begin(mail: ClaimedMail): void {
    const done = deliver(mail)
      .catch(tell)
      .finally(() => {
        running.delete(done)
        alarm.ring()
      })
    running.add(done)
  }

  /** One look into the outbox. Answers how long nothing more is to be done. */
  async function turn(): Promise<number> {
    try {
      await markSent()
      stats.waiting = await outbox.waiting()
      const mails = stats.waiting > 0 ? await outbox.claim(AT_ONCE - running.size, LEASE_MS) : []
      for (const mail of mails) begin(mail)
      return mails.length > 0 && running.size < AT_ONCE ? 0 : pollMs
    } catch (error) {
      tell(error)
      return unmarked.size > 0 ? MARK_AGAIN_MS : pollMs
    }
  }

  async function run(): Promise<void> {
    while (!closing) {
      const restMs = mayBegin() ? await turn() : BEGIN_AGAIN_MS
      if (restMs > 0 && !closing) await alarm.wait(restMs)
    }
  }

  const unlisten = outbox.onQueued(() => alarm.ring())
  const ran = run()
  return {
    stats: () => stats,
    async close() {
      closing = true
      unlisten()
      alarm.ring()
      await ran
      const timer = setTimeout(() => cutOff.abort(), closePatienceMs)
      await Promise.all(running)
      clearTimeout(timer)
      await markSent().catch(() => {})
    },
  }
}
