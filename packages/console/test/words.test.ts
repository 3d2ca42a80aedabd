import { ServerError, SwitchboardError } from '@switchboard/sdk/nemesis'
import { expect, test } from 'vitest'
import { inWords } from '../app/state/words.ts'

test.each([
  [
    new ServerError('CONFLICT', 'somebody else is deciding on it', 409, 1_000),
    'Somebody else is deciding on it. Try again in 1 second.',
  ],
  [new ServerError('CONFLICT', 'it is rejected already', 409), 'It is rejected already.'],
  [
    new ServerError('BAD_BINDING', 'line 1: the column team is missing', 400),
    'Line 1: the column team is missing.',
  ],
  [new ServerError('BAD_BINDING', 'status 400', 400), 'That cannot be.'],
  [new ServerError('RATE_LIMITED', 'too many tries', 429, 840_000), 'Too often. Try again in 840 seconds.'],
  [new ServerError('RATE_LIMITED', 'too many tries', 429), 'Too often. Try again later.'],
  [
    new ServerError('UNAVAILABLE', 'away', 503, 1),
    'Something that is needed for this is away. Try again in 1 second.',
  ],
  [new ServerError('FORBIDDEN', 'invalid credentials', 403), 'The name or the password is wrong.'],
  [new ServerError('FORBIDDEN', 'status 403', 403), 'You may not do that.'],
  [new ServerError('NOT_FOUND', 'there is no such user', 404), 'Nobody has this name.'],
  [new ServerError('constructor', 'toString', 418), 'toString (constructor)'],
  [new SwitchboardError('TOO_LARGE', 'it has more than 256 KiB', false), 'That is too large.'],
  [new TypeError('an address of somebody'), 'Something went wrong in this page.'],
])('%s is said so that somebody who reads no specification understands it', (error, words) => {
  expect(inWords(error)).toBe(words)
})
