/** What one connection or one address may do, the same in every service and counted across processes. `LIMITS=off` turns all of it off. */
export const LIMITS = {
  /** Messages a connection may send at once, and a second after that; more waits. One with `waiting` waiting is closed (1008). */
  messages: { burst: 200, perSecond: 50, waiting: 1000 },
  /** Failed log-ins in `windowSeconds`: past these the address gets 429, a right password included. */
  logins: {
    windowSeconds: 15 * 60,
    perAccountAndAddress: 10,
    perAddress: 100,
    /** Failures at one account from anywhere, past which each further try waits: 1 s, doubling to `maxDelaySeconds`. */
    perAccount: 50,
    maxDelaySeconds: 30,
  },
  /** Sign-ups a minute an address. */
  signUps: { points: 60, windowSeconds: 60 },
  /** Mails that people ask for (new passwords, new addresses): an hour for one person, and from one address. */
  mails: { windowSeconds: 60 * 60, perPerson: 5, perAddress: 20 },
  /** Relay tokens made a minute an address, and living at once. */
  relayTokens: { points: 60, windowSeconds: 60, living: 1000 },
  /** Spaces, rooms or channels that one connection is in at once. */
  places: 100,
} as const

/** Every server pings this often, and drops a connection that was silent for `silentSeconds`. */
export const HEARTBEAT = { pingSeconds: 10, silentSeconds: 25 } as const

/** Bytes waiting for one connection, past which it is closed as a slow consumer. */
export const SLOW_CONSUMER_BYTES = 4 * 1024 * 1024
