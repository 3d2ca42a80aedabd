import type { Result } from '@switchboard/protocol/result'

export type LinkKind = 'activate' | 'reset' | 'verify'

/** How long a link is good, days: those of Student Robotics' Nemesis for `verify` and `reset`. */
export const LINK_DAYS: Readonly<Record<LinkKind, number>> = { verify: 3, reset: 2, activate: 5 }

export interface NewLink {
  kind: LinkKind
  /** As the directory writes it. */
  userid: string
  /** Where it is mailed to; for `verify` the address that is to be verified. */
  email: string
  firstName: string
}

/** What a URL holds: any text. */
export interface FollowedLink {
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
  /** Makes a link and queues its mail, both or neither. It replaces the person's earlier one of this kind. */
  send(link: NewLink): Promise<void>
  /** Whose link it is; changes nothing. */
  find(followed: FollowedLink): Promise<Result<LinkTarget, LinkProblem>>
  /**
   * Does what the link is for, and uses it up where that answers `ok`; where it answers an error or rejects, the link stays
   * good. Of two at once the second waits for the first, and hears `NONE` where that was done.
   * @throws Unavailable where the first takes more than some seconds
   */
  use<T, E>(
    followed: FollowedLink,
    act: (target: LinkTarget) => Promise<Result<T, E>>,
  ): Promise<Result<T, E | LinkProblem>>
  /** Makes the person's links of these kinds good no more, and takes their mails back that were not sent yet. */
  takeBack(userid: string, kinds: readonly LinkKind[]): Promise<void>
}
