import { isUnavailable, openDatabase } from '@switchboard/kit/database'
import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { expect, it } from 'vitest'
import { changeLock } from '../../src/ldap/change-lock.ts'

/** Adds to what it read before, as whoever looks first and changes then. */
function counter() {
  let value = 0
  return {
    value: () => value,
    add: async () => {
      const before = value
      await new Promise(setImmediate)
      value = before + 1
    },
  }
}

it('changes are made one at a time in one process', async () => {
  const transaction = () => Promise.reject(new Error('an embedded database lets nobody else at it meanwhile'))
  const exclusive = changeLock({ embedded: true, transaction })
  const { add, value } = counter()
  await Promise.all(Array.from({ length: 50 }, () => exclusive(add)))
  expect(value()).toBe(50)
  await expect(exclusive(() => Promise.reject(new Error('this one')))).rejects.toThrow('this one')
  expect(await exclusive(async () => 'and the next')).toBe('and the next')
})

it.skipIf(!findServer('postgres'))(
  'changes are made one at a time in all processes of a database',
  async () => {
    await using postgres = await livePostgres()
    const url = await postgres.createDatabase()
    await using one = await openDatabase({ url, directory: '' })
    await using other = await openDatabase({ url, directory: '' })
    const locks = [changeLock(one), changeLock(other)]
    const { add, value } = counter()
    await Promise.all(Array.from({ length: 25 }, () => locks.map((exclusive) => exclusive(add))).flat())
    expect(value()).toBe(50)

    await postgres.stop()
    await expect(changeLock(one)(add)).rejects.toSatisfy(isUnavailable)
  },
)
