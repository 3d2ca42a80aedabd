import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@switchboard/testing/temp'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'

const LDAP = {
  NEMESIS_DIRECTORY: 'ldap',
  LDAP_URL: 'ldap://one.example.org, ldap://[::1]:1389/',
  LDAP_MANAGER_DN: 'cn=manager,o=sr',
  LDAP_MANAGER_PASSWORD: 'secret',
}

test('an LDAP directory is Student Robotics’ unless told', () => {
  expect(readConfig(LDAP).ldap).toEqual({
    urls: ['ldap://one.example.org', 'ldap://[::1]:1389/'],
    base: 'o=sr',
    manager: { dn: 'cn=manager,o=sr', password: 'secret' },
    startTls: false,
    ca: undefined,
    passwordHash: 'ssha512',
  })
})

test('there are no demo people in LDAP, and no LDAP unless told', () => {
  expect(readConfig(LDAP).demo).toBe(false)
  expect(readConfig({ ...LDAP, NEMESIS_DIRECTORY: 'database' }).ldap).toBe(undefined)
})

test('the base is taken with spaces as people write them', () => {
  const base = 'ou=A school, dc=example , dc=org'
  expect(readConfig({ ...LDAP, LDAP_BASE: base }).ldap?.base).toBe('ou=A school,dc=example,dc=org')
})

test('the manager’s password may come in a file', async () => {
  await using dir = await tempDir()
  const file = join(dir.path, 'password')
  await writeFile(file, 'from a file\n')
  const { LDAP_MANAGER_PASSWORD, ...others } = LDAP
  const { ldap } = readConfig({ ...others, LDAP_MANAGER_PASSWORD_FILE: file })
  expect(ldap?.manager.password).toBe('from a file')
})

test.each([
  ['LDAP_URL', '', 'LDAP_URL is missing; NEMESIS_DIRECTORY=ldap needs it'],
  ['LDAP_MANAGER_DN', '', 'LDAP_MANAGER_DN is missing; NEMESIS_DIRECTORY=ldap needs it'],
  ['LDAP_MANAGER_PASSWORD', '', 'LDAP_MANAGER_PASSWORD is missing; NEMESIS_DIRECTORY=ldap needs it'],
  ['LDAP_URL', 'http://example.org', 'LDAP_URL takes comma-separated servers'],
  ['LDAP_URL', 'ldap://a,b', 'LDAP_URL takes comma-separated servers'],
  ['LDAP_URL', 'ldap://example.org/o=sr', 'LDAP_URL takes comma-separated servers'],
  ['LDAP_URL', 'ldap://cn=manager:secret@example.org', 'LDAP_URL takes comma-separated servers'],
  ['LDAP_MANAGER_DN', 'manager', 'LDAP_MANAGER_DN takes a DN'],
  ['LDAP_BASE', 'sr', 'LDAP_BASE takes a DN'],
  ['LDAP_BASE', 'o=s\\2cr', 'LDAP_BASE takes a DN'],
  ['LDAP_STARTTLS', 'yes', 'LDAP_STARTTLS takes one of true, false, not "yes"'],
  ['LDAP_PASSWORD_HASH', 'md5', 'LDAP_PASSWORD_HASH takes one of ssha512, argon2, not "md5"'],
  ['LDAP_CA', '/nowhere', 'LDAP_CA names a file that cannot be read (ENOENT)'],
  ['LDAP_CA', import.meta.filename, 'LDAP_CA takes a file of certificates in PEM'],
])('%s=%j stops the start with one line', (name, value, message) => {
  expect(() => readConfig({ ...LDAP, [name]: value })).toThrow(message)
})

test('StartTLS and ldaps exclude one another', () => {
  const both = { ...LDAP, LDAP_URL: 'ldap://a,ldaps://b', LDAP_STARTTLS: 'true' }
  expect(() => readConfig(both)).toThrow('LDAP_STARTTLS=true is for ldap:// servers')
})
