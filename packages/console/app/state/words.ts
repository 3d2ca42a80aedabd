import { ServerError, SwitchboardError } from '@switchboard/sdk/chat'

/** What a code means to somebody who reads no specification. What is not here says it in the error's own words. */
const WORDS = new Map(
  Object.entries({
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
    BAD_USERNAME:
      'A name has 1 to 64 characters, no spaces at its ends, no invisible ones, and none of @ , / \\.',
    BAD_PASSWORD: 'A password has 1 to 1,024 bytes.',
    RATE_LIMITED: 'Too often.',
    TOKEN_REVOKED: 'You were logged out.',
    READ_ONLY: 'Guests only listen.',
    FORBIDDEN: 'You may not do that.',
    UNAVAILABLE: 'Something that is needed for this is away.',
    TOO_MANY_PLACES: 'That is too many at once.',
    NOT_CONNECTED: 'They are not connected.',
    TOO_LARGE: 'That is too large.',
    NOT_FOUND: 'There is no such thing (any more).',
    NICK_IN_USE: 'Somebody has this nickname.',
    NICK_RESERVED: 'This nickname belongs to an account.',
    BAD_NICK: 'This cannot be a nickname.',
    DISPLACED: 'Another window uses this address now.',
  }),
)

/** Some have one code for much that they refuse, and say why. */
const WORDS_OF_REFUSALS = new Map(
  Object.entries({
    'invalid credentials': 'The name or the password is wrong.',
    'not a teacher': 'Only team leaders log in here.',
    'not in a college': 'You lead a team, but in no college.',
    'this token sees no such college': 'This leader sees no such college.',
    'you may not enter this space': 'You may not enter this space.',
    'links are for the one who first entered the room with a token':
      'Only who first entered this room may change its links.',
    'there is no such user': 'Nobody has this name.',
  }),
)

/** With these a server says in words what it does not take; a message without any is `status 400`. */
const SAYS_WHY: ReadonlySet<string> = new Set(['BAD_BINDING', 'CONFLICT'])

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

function whatHappened({ code, message }: SwitchboardError): string {
  const known = WORDS_OF_REFUSALS.get(message)
  if (known !== undefined) return known
  if (SAYS_WHY.has(code)) return message.startsWith('status ') ? 'That cannot be.' : sentence(message)
  return WORDS.get(code) ?? `${message} (${code})`
}

const DELAY = new Intl.NumberFormat('en', { style: 'unit', unit: 'second', unitDisplay: 'long' })

function whenAgain(error: SwitchboardError): string {
  if (error instanceof ServerError && error.retryAfterMs !== undefined)
    return ` Try again in ${DELAY.format(Math.ceil(error.retryAfterMs / 1000))}.`
  return error.code === 'UNAVAILABLE' || error.code === 'RATE_LIMITED' ? ' Try again later.' : ''
}

export const inWords = (error: unknown): string =>
  error instanceof SwitchboardError
    ? whatHappened(error) + whenAgain(error)
    : 'Something went wrong in this page.'
