import { describe, expect, test } from 'vitest'
import { HELP, parseOptions, UsageError } from '../src/options.ts'

const parsed = (args: string[], env = {}) => {
  const options = parseOptions(args, env)
  if (options === 'help') throw new Error('help')
  return { ...options, target: options.target.href, server: options.server.href }
}

describe('the command line', () => {
  test.each([
    ['3000', 'http://localhost:3000/'],
    ['localhost:3000/hooks', 'http://localhost:3000/hooks'],
    ['https://[::1]:8443/a/b/', 'https://[::1]:8443/a/b/'],
  ])('takes %s as the place to forward to', (target, href) => {
    expect(parsed([target])).toEqual({
      target: href,
      server: 'http://127.0.0.1:8080/',
      inspect: false,
      new: false,
    })
  })

  test('takes the server from --server, else from SWITCHBOARD_URL', () => {
    const env = { SWITCHBOARD_URL: 'https://environment.example' }
    expect(parsed(['3000'], env).server).toBe('https://environment.example/')
    expect(parsed(['--server', 'https://option.example/sb', '3000'], env).server).toBe(
      'https://option.example/sb',
    )
  })

  test('takes options before and after the target', () => {
    expect(parsed(['--inspect', '3000', '--new'])).toMatchObject({ inspect: true, new: true })
  })

  test.each([
    [[]],
    [['3000', '4000']],
    [['0']],
    [['65536']],
    [['ftp://localhost']],
    [['http://']],
    [['http://localhost/?a=b']],
    [['http://user:password@localhost/']],
    [['--server', 'nowhere at all', '3000']],
    [['--server']],
    [['--sever', 'x', '3000']],
  ])('refuses %j in one line', (args) => {
    expect(() => parseOptions(args, {})).toThrow(UsageError)
    expect(() => parseOptions(args, {})).toThrow(/^[^\n]{1,120}$/)
  })

  test('explains itself in 80 columns', () => {
    expect(parseOptions(['-h'], {})).toBe('help')
    expect(Math.max(...HELP.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  })
})
