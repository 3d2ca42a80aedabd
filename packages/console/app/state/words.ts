import { SwitchboardError } from '@switchboard/sdk/chat'

/** What a code means to somebody who reads no specification. What is not here says it in the error's own words. */
const WORDS: Readonly<Record<string, string>> = {
  UNREACHABLE: 'The server cannot be reached.',
  TIMEOUT: 'The server does not answer.',
  BAD_ANSWER: 'The server says something that cannot be understood.',
  BUFFER_FULL: 'Too much waits to be sent.',
  UNCONFIRMED: 'The connection broke; whether this arrived is not known.',
  NOT_STORED: 'This was not stored, because the database was away. Say it again.',
  UNAUTHORIZED: 'You are not logged in (any more).',
  USER_NOT_FOUND: 'Nobody has this name.',
  PASSWORD_MATCH_FAILED: 'The password is wrong.',
  USER_EXISTS: 'Somebody has this name.',
  CONFLICT: 'Somebody has this name or this e-mail address.',
  BAD_USERNAME:
    'A name has 1 to 64 characters, no spaces at its ends, no invisible ones, and none of @ , / \\.',
  BAD_PASSWORD: 'A password has 1 to 1,024 bytes.',
  RATE_LIMITED: 'Too often. Wait a while.',
  TOKEN_REVOKED: 'You were logged out.',
  READ_ONLY: 'Guests only listen.',
  FORBIDDEN: 'You may not do that.',
  UNAVAILABLE: 'Something that is needed for this is away. Try again later.',
  TOO_MANY_PLACES: 'That is too many at once.',
  NOT_CONNECTED: 'They are not connected.',
  BAD_BINDING: 'That cannot be.',
  NOT_FOUND: 'There is no such thing (any more).',
  NICK_IN_USE: 'Somebody has this nickname.',
  NICK_RESERVED: 'This nickname belongs to an account.',
  BAD_NICK: 'This cannot be a nickname.',
  DISPLACED: 'Another window uses this address now.',
}

/** Nemesis has one code for all that it refuses, and says why. */
const WORDS_OF_NEMESIS: Readonly<Record<string, string>> = {
  'invalid credentials': 'The name or the password is wrong.',
  'not a teacher': 'Only team leaders log in here.',
  'not in a college': 'You lead a team, but in no college.',
}

export function inWords(error: unknown): string {
  if (!(error instanceof SwitchboardError)) return 'Something went wrong in this page.'
  if (error.code === 'FORBIDDEN' && Object.hasOwn(WORDS_OF_NEMESIS, error.message))
    return WORDS_OF_NEMESIS[error.message] ?? ''
  return WORDS[error.code] ?? `${error.message} (${error.code})`
}
