import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alongside } from '@switchboard/auth/accounts'
import { unavailable } from '@switchboard/kit/http-error'
import { nameKey, parseEmail } from '@switchboard/protocol/names'
import { LINK_DAYS, type LinkKind, parseField } from '@switchboard/protocol/nemesis'
import { err, ok, type Result } from '@switchboard/protocol/result'
import type { LinkRow, LinkStore } from '../store/links.ts'
import type { Outbox } from './outbox.ts'

export interface NewLink {
  kind: LinkKind
  /** As the directory writes it. */
  userid: string
  /** Where it is mailed to; for `verify` the address that is to be verified. */
  email: string
  firstName: string
  /** Of `verify`: the address until now, which is told. */
  noticeTo?: string | undefined
}

/** The part of the URL before `/:userid/:code`. */
export const LINK_PATHS: Readonly<Record<LinkKind, string>> = {
  verify: 'verify',
  reset: 'reset_password',
  activate: 'activate',
}

/** What a URL holds: any text. */
interface FollowedLink {
  kind: LinkKind
  userid: string
  code: string
}

/** Whom a link is for. */
export interface LinkTarget {
  /** As the directory writes it. */
  userid: string
  /** Where it was mailed to. */
  email: string
}

/** `NONE`: there never was one, or it was used, replaced by a newer one, or taken back. */
export type LinkProblem = 'NONE' | 'EXPIRED' | 'WRONG'

/** Links that are mailed to people, and good once. Every call rejects where the database does not answer. */
export interface Links {
  /** Makes a link, queues its mail and writes `alongside`: all or nothing. It replaces the person's earlier link of this kind. */
  send(link: NewLink, alongside?: Alongside): Promise<void>
  /** Whose link it is; changes nothing. */
  find(followed: FollowedLink): Promise<Result<LinkTarget, LinkProblem>>
  /**
   * Does what the link is for, and uses it up where that answers `ok`; where it answers an error or rejects, the link stays
   * good. Of two at once the second waits for the first, and hears `NONE` where that was done.
   * @throws HttpError 503 where the first takes more than 5 s
   */
  use<T, E>(
    followed: FollowedLink,
    act: (target: LinkTarget) => Promise<Result<T, E>>,
  ): Promise<Result<T, E | LinkProblem>>
  /** Makes the person's links of these kinds good no more, and takes their mails back that were not sent yet. */
  takeBack(userid: string, kinds: readonly LinkKind[]): Promise<void>
}

export interface LinkParts {
  store: LinkStore
  outbox: Pick<Outbox, 'seal' | 'announce'>
  /** Milliseconds since the epoch. */
  clock?: () => number
}

const DAY_MS = 24 * 60 * 60 * 1000
/** So long one is told that a link is too old; then that there is none. */
const REMEMBERED_MS = 30 * DAY_MS
/** Longer than a directory takes to answer, or to give up. */
const LEASE_MS = 60_000
const PATIENCE_MS = 5_000
const LOOK_AGAIN_MS = 50
const CODE_BYTES = 32

const hashOf = (code: string) => createHash('sha256').update(code).digest()

/** A directory that others fill may hold names that no mail can; the userid can always stand for one. */
function shownName(firstName: string, userid: string): string {
  const field = parseField(firstName)
  return field.ok ? field.value : userid
}

export function createLinks({ store, outbox, clock = Date.now }: LinkParts): Links {
  async function look({ kind, userid, code }: FollowedLink): Promise<Result<LinkRow, LinkProblem>> {
    const name = parseField(userid)
    const row = name.ok ? await store.get({ kind, useridKey: nameKey(name.value) }) : undefined
    if (!row) return err('NONE')
    if (row.expires.getTime() <= clock()) return err('EXPIRED')
    return timingSafeEqual(row.codeHash, hashOf(code)) ? ok(row) : err('WRONG')
  }

  /** The link, taken for whoever comes first; the others wait until it is free or gone. */
  async function take(followed: FollowedLink, claim: string): Promise<Result<LinkRow, LinkProblem>> {
    for (const deadline = clock() + PATIENCE_MS; ; await sleep(LOOK_AGAIN_MS)) {
      const found = await look(followed)
      if (!found.ok) return found
      const now = clock()
      if (await store.claim(found.value, { claim, now: new Date(now), until: new Date(now + LEASE_MS) }))
        return found
      if (now > deadline) throw unavailable()
    }
  }

  return {
    async send({ kind, userid, email, firstName, noticeTo }, alongside) {
      const address = parseEmail(email)
      if (!address.ok) throw new Error(`a link for ${userid} has no address to go to`)
      const code = randomBytes(CODE_BYTES).toString('base64url')
      const name = shownName(firstName, userid)
      const fields = { first_name: name, userid, days: `${LINK_DAYS[kind]}` }
      const path = `/${LINK_PATHS[kind]}/${encodeURIComponent(userid)}/${code}`
      const to = { name, address: address.value.name }
      const mails = [outbox.seal({ kind, userid, content: { to, template: kind, fields, path } })]
      if (noticeTo !== undefined && parseEmail(noticeTo).ok) {
        const content = { to: { name, address: noticeTo }, template: 'email-change', fields } as const
        mails.push(outbox.seal({ kind: 'email-change', userid, content }))
      }
      const expires = new Date(clock() + LINK_DAYS[kind] * DAY_MS)
      const link = {
        kind,
        useridKey: nameKey(userid),
        userid,
        email: to.address,
        codeHash: hashOf(code),
        expires,
      }
      await store.forget(new Date(clock() - REMEMBERED_MS))
      await store.put(link, mails, alongside)
      outbox.announce()
    },

    async find(followed) {
      const found = await look(followed)
      return found.ok ? ok({ userid: found.value.userid, email: found.value.email }) : found
    },

    async use(followed, act) {
      const claim = randomUUID()
      const taken = await take(followed, claim)
      if (!taken.ok) return taken
      let result: Awaited<ReturnType<typeof act>>
      try {
        result = await act({ userid: taken.value.userid, email: taken.value.email })
      } catch (error) {
        // Where this fails too the lease frees it.
        await store.release(claim).catch(() => {})
        throw error
      }
      await (result.ok ? store.useUp(claim) : store.release(claim))
      return result
    },

    takeBack: (userid, kinds) => store.remove(nameKey(userid), kinds),
  }
}
