import { randomUUID } from 'node:crypto'
import type { Connect, RedisClient } from './connect.ts'
import type { Entry } from './presence.ts'
import type { HeldClaim } from './presence-held.ts'
import { type Held, indexMember, parseMember } from './presence-index.ts'
import { SCRIPTS } from './presence-scripts.ts'
import { Unavailable } from './unavailable.ts'

export interface LeaseTimes {
  leaseMs: number
  gapMs: number
  graceMs: number
}

export interface Renewed {
  /** The lease was still there: nobody took anything from this process. */
  known: boolean
  /** Another one where Redis lost its data since. */
  data: string
  dead: { process: string; forMs: number }[]
}

/** What {@link SCRIPTS} adds to a client. */
interface Scripted {
  sbEnter(place: string, connection: string, person: string, kept: string): Promise<number>
  sbLeave(
    place: string,
    connection: string,
    incarnation: string,
    person: string,
  ): Promise<[string | null, number]>
  sbClaim(key: string, incarnation: string, connection: string): Promise<string>
  sbRelease(key: string, connection: string, incarnation: string): Promise<number>
  sbRenew(
    leases: string,
    dead: string,
    clock: string,
    process: string,
    lease: number,
    gap: number,
    grace: number,
    data: string,
  ): Promise<(string | number)[]>
}

/** One hash slot: they change together. */
const LEASES = 'sb:{lease}:alive'
const DEAD = 'sb:{lease}:dead'
const CLOCK = 'sb:{lease}:clock'

const placeKey = (place: string): string => `sb:p:${place}`
const claimKey = (key: string): string => `sb:c:${key}`
const indexKey = (process: string): string => `sb:x:${process}`

/** On one line, and the same for the same person. */
const escapePerson = (person: string): string => encodeURIComponent(person.toWellFormed())

const encodeEntry = ({ connection: _, ...entry }: Entry, incarnation: number): string =>
  `${incarnation}\n${escapePerson(entry.person)}\n${JSON.stringify(entry)}`

const decodeEntry = (connection: string, kept: string): Entry => ({
  connection,
  ...JSON.parse(kept.slice(kept.indexOf('\n', kept.indexOf('\n') + 1) + 1)),
})

/** A refusal of Redis quotes what it was sent, keys included. */
const withoutArguments = (message: string): string => message.split(', with args')[0] ?? ''

/** Presence as it is kept in Redis. Everything rejects (`Unavailable`) where Redis does not answer. */
export class PresenceStore {
  readonly #client: RedisClient & Scripted

  constructor(connect: Connect) {
    const client = connect('commands')
    for (const [name, script] of Object.entries(SCRIPTS)) client.defineCommand(name, script)
    this.#client = client as RedisClient & Scripted
  }

  async enter(
    process: string,
    place: string,
    entry: Entry,
    incarnation: number,
  ): Promise<{ first: boolean }> {
    const kept = encodeEntry(entry, incarnation)
    const { connection, person } = entry
    const first = await this.#indexed(process, { kind: 'entry', name: place, connection, incarnation }, () =>
      this.#client.sbEnter(placeKey(place), connection, escapePerson(person), kept),
    )
    return { first: first === 1 }
  }

  /** `left`: how many connections the person has there now; of `person` where there was no such entry. */
  async leave(
    place: string,
    connection: string,
    { incarnation, person = '' }: { incarnation?: number; person?: string } = {},
  ): Promise<{ entry: Entry | undefined; left: number }> {
    const [kept, left] = await this.#answer(
      this.#client.sbLeave(placeKey(place), connection, `${incarnation ?? ''}`, escapePerson(person)),
    )
    return { entry: kept === null ? undefined : decodeEntry(connection, kept), left }
  }

  async list(place: string): Promise<Entry[]> {
    const fields = Object.entries(await this.#answer(this.#client.hgetall(placeKey(place))))
    return fields
      .filter(([field]) => field.startsWith('='))
      .map(([field, kept]) => decodeEntry(field.slice(1), kept))
  }

  /** Answers who holds it now. */
  claim(process: string, { key, connection, incarnation }: HeldClaim): Promise<string> {
    return this.#indexed(process, { kind: 'claim', name: key, connection, incarnation }, () =>
      this.#client.sbClaim(claimKey(key), `${incarnation}`, connection),
    )
  }

  /** Answers who held it before. */
  async take(process: string, { key, connection, incarnation }: HeldClaim): Promise<string | undefined> {
    const held = await this.#indexed(process, { kind: 'claim', name: key, connection, incarnation }, () =>
      this.#client.getset(claimKey(key), `${incarnation} ${connection}`),
    )
    return holderOf(held)
  }

  async holder(key: string): Promise<string | undefined> {
    return holderOf(await this.#answer(this.#client.get(claimKey(key))))
  }

  async release(key: string, connection: string, incarnation?: number): Promise<void> {
    await this.#answer(this.#client.sbRelease(claimKey(key), connection, `${incarnation ?? ''}`))
  }

  async unindex(process: string, all: readonly Held[]): Promise<void> {
    if (all.length > 0) await this.#answer(this.#client.srem(indexKey(process), ...all.map(indexMember)))
  }

  async indexed(process: string): Promise<Held[]> {
    return (await this.#answer(this.#client.smembers(indexKey(process)))).map(parseMember)
  }

  async renew(process: string, { leaseMs, gapMs, graceMs }: LeaseTimes): Promise<Renewed> {
    const [known, data, ...dead] = await this.#answer(
      this.#client.sbRenew(LEASES, DEAD, CLOCK, process, leaseMs, gapMs, graceMs, randomUUID()),
    )
    const pairs = Array.from({ length: dead.length / 2 }, (_, i) => ({
      process: String(dead[2 * i]),
      forMs: Number(dead[2 * i + 1]),
    }))
    return { known: known === 1, data: String(data), dead: pairs }
  }

  /** There is nothing left of it. */
  async bury(process: string): Promise<void> {
    await this.#answer(this.#client.zrem(DEAD, process))
  }

  async giveUp(process: string): Promise<void> {
    await this.#answer(this.#client.zrem(LEASES, process))
  }

  async ping(): Promise<void> {
    await this.#answer(this.#client.ping())
  }

  close(): void {
    this.#client.disconnect()
  }

  /**
   * Writes into the process' index what `work` is about to hold, so that it can be cleaned up whatever happens. One
   * connection keeps the order of the two; those to several servers of a Cluster do not.
   */
  async #indexed<T>(process: string, held: Held, work: () => Promise<T>): Promise<T> {
    const indexing = this.#answer(this.#client.sadd(indexKey(process), indexMember(held)))
    if (this.#client.isCluster) await indexing
    const [, result] = await Promise.all([indexing, this.#answer(work())])
    return result
  }

  async #answer<T>(command: Promise<T>): Promise<T> {
    try {
      return await command
    } catch (error) {
      const { message } = error as Error
      throw new Unavailable(`presence is away: ${withoutArguments(message)}`)
    }
  }
}

const holderOf = (held: string | null): string | undefined =>
  held === null ? undefined : held.slice(held.indexOf(' ') + 1)
