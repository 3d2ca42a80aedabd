import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'

const SECRET = 'x'.repeat(32)

test('the service listens on its own port, and says nothing about what it takes back', () => {
  expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 8085, debug: false })
  expect(readConfig({ NEMESIS_DEBUG: 'true' })).toMatchObject({ debug: true })
})

test.each([
  ['NEMESIS_DEBUG', 'yes', 'NEMESIS_DEBUG takes one of true, false, not "yes"'],
  ['NEMESIS_DIRECTORY', 'files', 'NEMESIS_DIRECTORY takes one of database, ldap, not "files"'],
])('%s=%s stops the start with one line', (name, value, message) => {
  expect(() => readConfig({ [name]: value })).toThrow(message)
})

test.each([
  ['an embedded start on this machine', {}, true],
  ['localhost', { HOST: 'localhost' }, true],
  ['127.0.0.2', { HOST: '127.0.0.2' }, true],
  ['::1', { HOST: '::1' }, true],
  ['a start that others reach', { HOST: '0.0.0.0' }, false],
  ['a name that only starts like a loopback address', { HOST: '127.example.org' }, false],
  ['production', { NODE_ENV: 'production', JWT_SECRET: SECRET }, false],
  ['a PostgreSQL server', { DATABASE_URL: 'postgresql://localhost/x' }, false],
])('demo people on %s: %j %s', (_what, env, demo) => {
  expect(readConfig(env).demo).toBe(demo)
})

const LDAP = {
  NEMESIS_DIRECTORY: 'ldap',
  LDAP_URL: 'ldap://127.0.0.1',
  LDAP_MANAGER_DN: 'cn=manager,o=sr',
  LDAP_MANAGER_PASSWORD: 'x',
}

test.each([
  ['an embedded start on this machine', {}, false],
  ['a PostgreSQL server', { DATABASE_URL: 'postgresql://localhost/x' }, true],
  ['a start that others reach', { HOST: '0.0.0.0' }, true],
  ['production', { NODE_ENV: 'production', JWT_SECRET: SECRET }, true],
  ['LDAP on this machine', LDAP, false],
  [
    'LDAP and a PostgreSQL server on this machine',
    { ...LDAP, DATABASE_URL: 'postgresql://localhost/x' },
    false,
  ],
  ['LDAP on a start that others reach', { ...LDAP, HOST: '0.0.0.0' }, true],
  ['LDAP in production', { ...LDAP, NODE_ENV: 'production', JWT_SECRET: SECRET }, true],
])('demo people are refused on %s: %j %s', (_what, env, refuseDemo) => {
  expect(readConfig(env).refuseDemo).toBe(refuseDemo)
})
