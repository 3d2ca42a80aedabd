import { describe, expect, test } from 'vitest'
import { ConfigError } from '../src/config.ts'
import { redisConnector } from '../src/redis.ts'
import { parseRedisUrl } from '../src/redis-url.ts'

describe('REDIS_URL', () => {
  test.each([
    ['redis://localhost', { kind: 'single', host: 'localhost', port: 6379, tls: false, db: 0 }],
    ['redis://cache:7000/2', { kind: 'single', host: 'cache', port: 7000, tls: false, db: 2 }],
    ['redis://[::1]:7000/', { kind: 'single', host: '::1', port: 7000, tls: false, db: 0 }],
    [
      'rediss://ann:s%3Ae%40cret@h',
      { kind: 'single', host: 'h', port: 6379, tls: true, db: 0, username: 'ann', password: 's:e@cret' },
    ],
    ['redis://:a:b@h', { kind: 'single', host: 'h', port: 6379, tls: false, db: 0, password: 'a:b' }],
    [
      'redis-sentinel://:pw@s1,s2:26380/main/3',
      {
        kind: 'sentinel',
        nodes: [
          { host: 's1', port: 26_379 },
          { host: 's2', port: 26_380 },
        ],
        name: 'main',
        db: 3,
        password: 'pw',
      },
    ],
    [
      'redis-cluster://n1:7000,n2:7001,[fe80::1]:7002',
      {
        kind: 'cluster',
        nodes: [
          { host: 'n1', port: 7000 },
          { host: 'n2', port: 7001 },
          { host: 'fe80::1', port: 7002 },
        ],
      },
    ],
  ])('%s', (url, place) => {
    expect(parseRedisUrl(url)).toEqual(place)
  })

  test.each([
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://h:port',
    'redis://h:70000',
    'redis://h/db',
    'redis://h/1/2',
    'redis://h?db=1',
    'redis://h1,h2',
    'redis://%zz@h',
    'redis-sentinel://s1',
    'redis-sentinel://s1/',
    'redis-sentinel://s1/main/x',
    'redis-cluster://n1/1',
    'redis-cluster://,',
  ])('%s is none', (url) => {
    expect(parseRedisUrl(url)).toBeUndefined()
    expect(() => redisConnector(url)).toThrow(ConfigError)
  })
})
