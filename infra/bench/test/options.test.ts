import { expect, test } from 'vitest'
import { LOAD_NAMES } from '../src/loads.ts'
import { lookAround } from '../src/look-around.ts'
import { type Options, readOptions, UsageError } from '../src/options.ts'

const read = (...args: string[]) => readOptions(args, '/results.md')

test('without options everything is measured in three rounds, and the report is kept', () => {
  expect(read()).toMatchObject({ loads: LOAD_NAMES, rounds: 3, embedded: false, out: '/results.md' })
})

test.each([
  [['--loads', 'sat200']],
  [['--peers', 'none']],
  [['--ours', 'chat']],
  [['--rounds', '2']],
  [['--profile', 'x']],
])('a report of less is not kept unless it is told where: %j', (args) => {
  expect(read(...args)).toMatchObject({ out: undefined })
  expect(read(...args, '--out', 'mine.md')).toMatchObject({ out: 'mine.md' })
})

test('loads, peers and ours are chosen by name', () => {
  const options = read('--loads', 'rate20,sat200', '--peers', 'uws', '--ours', 'none')
  expect(options).toMatchObject({ loads: ['rate20', 'sat200'], subjects: ['uws'] })
})

test('--help asks for help, whatever else is said', () => {
  expect(read('--rounds', 'x', '--help')).toBe('help')
})

test.each([
  [['--loads', 'nix'], /^--loads takes sat200, .*, not "nix"$/],
  [['--peers', 'chat'], /^--peers takes uws, .*, not "chat"$/],
  [['--rounds', '1.5'], /^--rounds takes a whole number above 0, not "1.5"$/],
  [['--seconds', '0'], /^--seconds takes a number above 0, not "0"$/],
  [['--nix'], /^Unknown option '--nix'; --help names the options$/],
  [['nix'], /^Unexpected argument 'nix'/],
])('%j is refused in one line', (args, message) => {
  expect(() => read(...args)).toThrow(UsageError)
  expect(() => read(...args)).toThrow(message)
})

test('what cannot run here is left out by name: two processes on databases of their own', () => {
  const { loads, leftOut } = lookAround(read('--embedded', '--loads', 'rate20,redis2') as Options)
  expect(loads).toEqual(['rate20'])
  expect(leftOut.get('redis2')).toBe('two processes need a PostgreSQL')
})
