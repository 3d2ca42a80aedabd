import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@switchboard/testing/temp'
import { describe, expect, test } from 'vitest'
import { ConfigError, readBoolean, readCommonConfig, readOneOf } from '../src/config.ts'

const read = (env: Record<string, string>) => readCommonConfig(env, { port: 8082, root: '/srv/switchboard' })

describe('the environment', () => {
  test('has a default for everything but production secrets', () => {
    expect(read({ GIT_SHA: 'a'.repeat(40) })).toEqual({
      host: '127.0.0.1',
      port: 8082,
      databaseUrl: undefined,
      redisUrl: undefined,
      jwtSecrets: [],
      dataDir: '/srv/switchboard/.data',
      allowedOrigins: [],
      trustedProxies: ['loopback'],
      logLevel: 'info',
      limits: true,
      gitSha: 'a'.repeat(40),
      production: false,
    })
  })

  test('counts an empty variable as an absent one', () => {
    expect(read({ PORT: '', LIMITS: ' ' })).toMatchObject({ port: 8082, limits: true })
  })

  test('takes what a file holds, as containers are handed secrets; the variable itself wins', async () => {
    await using dir = await tempDir()
    const file = join(dir.path, 'secret')
    await writeFile(file, `${'x'.repeat(32)}\n`)
    expect(read({ JWT_SECRET_FILE: file }).jwtSecrets).toEqual(['x'.repeat(32)])
    expect(read({ JWT_SECRET_FILE: file, JWT_SECRET: 'y'.repeat(32) }).jwtSecrets).toEqual(['y'.repeat(32)])
    expect(() => read({ JWT_SECRET_FILE: join(dir.path, 'none') })).toThrow(
      new ConfigError('JWT_SECRET_FILE names a file that cannot be read (ENOENT)'),
    )
  })

  test('takes localhost for one address', () => {
    expect(read({ HOST: 'localhost' }).host).toBe('127.0.0.1')
    expect(read({ HOST: '0.0.0.0' }).host).toBe('0.0.0.0')
  })

  test('answers 40 zeros for a revision where there is no checkout', () => {
    expect(read({}).gitSha).toBe('0'.repeat(40))
  })

  test('takes several secrets, origins and proxies', () => {
    const [first, second] = ['x'.repeat(32), 'y'.repeat(40)]
    expect(
      read({
        JWT_SECRET: `${first},${second}`,
        ALLOWED_ORIGINS: 'https://example.org, http://localhost:5173',
        TRUSTED_PROXIES: '10.0.0.0/8,::1,uniquelocal',
      }),
    ).toMatchObject({
      jwtSecrets: [first, second],
      allowedOrigins: ['https://example.org', 'http://localhost:5173'],
      trustedProxies: ['10.0.0.0/8', '::1', 'uniquelocal'],
    })
  })

  test.each([
    ['PORT', 'eighty', /^PORT takes a whole number from 0 to 65535/],
    ['PORT', '70000', /^PORT/],
    ['PORT', '-1', /^PORT/],
    ['DATABASE_URL', 'mysql://root@localhost/x', /^DATABASE_URL takes a URL that starts with postgresql:/],
    ['REDIS_URL', 'localhost:6379', /^REDIS_URL takes redis:/],
    ['REDIS_URL', 'redis-cluster://', /^REDIS_URL takes redis:/],
    ['JWT_SECRET', 'short', /^JWT_SECRET takes .* 32 bytes or more/],
    ['ALLOWED_ORIGINS', 'example.org', /^ALLOWED_ORIGINS .*"example.org"/],
    ['ALLOWED_ORIGINS', 'https://example.org/path', /^ALLOWED_ORIGINS/],
    ['TRUSTED_PROXIES', '10.0.0.0/33', /^TRUSTED_PROXIES/],
    ['TRUSTED_PROXIES', 'everyone', /^TRUSTED_PROXIES/],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL takes one of trace, /],
    ['LIMITS', 'maybe', /^LIMITS takes one of on, off/],
    ['GIT_SHA', 'main', /^GIT_SHA takes 40 hex digits/],
  ])('stops the start with one line for %s=%s', (name, value, line) => {
    const attempt = () => read({ [name]: value })
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(line)
  })

  test.each([
    ['DATABASE_URL', 'mysql://root:hunter2@localhost/x'],
    ['REDIS_URL', 'https://root:hunter2@localhost/x'],
    ['REDIS_URL', 'redis://root:hunter2@'],
  ])('never repeats %s, which may hold a password', (name, value) => {
    const attempt = () => read({ [name]: value })
    expect(attempt).toThrow(ConfigError)
    expect(attempt).not.toThrow(/hunter2/)
  })

  test('stops a production start without JWT_SECRET', () => {
    expect(() => read({ NODE_ENV: 'production' })).toThrow(/^JWT_SECRET is missing/)
  })

  test('reads booleans and choices without regard to case', () => {
    expect(readBoolean({ A: 'TRUE' }, 'A', false)).toBe(true)
    expect(readOneOf({ A: 'Off' }, 'A', ['on', 'off'], 'on')).toBe('off')
  })
})
