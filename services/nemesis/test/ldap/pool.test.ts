import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { isUnavailable } from '@switchboard/kit/database'
import { describe, expect, it } from 'vitest'
import { clientOf } from '../../src/ldap/connect.ts'
import { DirectoryAway } from '../../src/ldap/errors.ts'
import { createPool } from '../../src/ldap/pool.ts'
import { turns } from '../../src/ldap/turns.ts'

/** As a pool opens it, to nobody; tells how many there are. */
function opener() {
  const open = new Set<object>()
  let made = 0
  return {
    made: () => made,
    open: async () => {
      made++
      const connection = {
        client: {} as ReturnType<typeof clientOf>,
        isOpen: () => open.has(connection),
        close: () => void open.delete(connection),
      }
      open.add(connection)
      return connection
    },
    breakAll: () => open.clear(),
    count: () => open.size,
  }
}

describe('a pool', () => {
  it('uses one connection again and again, and no more at once than it may have', async () => {
    const { open, made } = opener()
    const pool = createPool(open, { size: 3 })
    for (let times = 0; times < 5; times++) await pool.run(async () => {})
    expect(made()).toBe(1)
    let busy = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++busy)
      await new Promise(setImmediate)
      busy--
    }
    await Promise.all(Array.from({ length: 20 }, () => pool.run(work)))
    expect([most, made()]).toEqual([3, 3])
    pool.close()
  })

  it('opens another one where a connection broke', async () => {
    const { open, made, breakAll } = opener()
    const pool = createPool(open, { size: 1 })
    await pool.run(async () => {})
    breakAll()
    await pool.run(async () => {})
    const broken = pool.run(async () => {
      breakAll()
      throw new Error('Connection closed before message response was received, for ada@example.org')
    })
    await expect(broken).rejects.toThrow(new DirectoryAway('the connection broke'))
    await pool.run(async () => {})
    expect(made()).toBe(3)
    pool.close()
  })

  it('keeps its place for the next where none could be opened', async () => {
    const { open } = opener()
    let away = true
    const pool = createPool(
      async () => {
        if (away) throw new DirectoryAway('ECONNREFUSED')
        return open()
      },
      { size: 1 },
    )
    for (let times = 0; times < 3; times++)
      await expect(pool.run(async () => {})).rejects.toSatisfy(isUnavailable)
    away = false
    expect(await pool.run(async () => 'done')).toBe('done')
    pool.close()
  })

  it('leaves no connection open once it is closed, and opens none', async () => {
    const { open, count } = opener()
    const pool = createPool(open, { size: 2 })
    await pool.run(async () => {})
    await pool.run(async () => pool.close())
    expect(count()).toBe(0)
    await expect(pool.run(async () => {})).rejects.toSatisfy(isUnavailable)
  })
})

describe('turns', () => {
  const never = new AbortController().signal

  it('are taken in line, and the line is no longer than it may be', async () => {
    const { take } = turns({ atOnce: 1, waiting: 2 })
    const order: string[] = []
    const leave = await take(never)
    const work = async (name: string) => {
      const done = await take(never)
      order.push(name)
      done()
    }
    const both = [work('first'), work('second')]
    await expect(take(never)).rejects.toSatisfy(isUnavailable)
    leave()
    leave()
    await Promise.all(both)
    expect(order).toEqual(['first', 'second'])
    ;(await take(never))()
  })

  it('go past whoever waits no longer', async () => {
    const { take } = turns({ atOnce: 1, waiting: 2 })
    const leave = await take(never)
    const impatient = new AbortController()
    const gone = take(impatient.signal)
    const patient = take(never)
    impatient.abort()
    await expect(gone).rejects.toSatisfy(isUnavailable)
    leave()
    ;(await patient)()
  })
})

it('a client never connects anew by itself', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  const client = clientOf(socket)
  await expect(client.bind('cn=manager', 'secret')).rejects.toThrow()
  await expect(client.bind('cn=manager', 'secret')).rejects.toThrow('the connection broke')
  await expect(client.search('o=sr')).rejects.toThrow('the connection broke')
  server.close()
})
