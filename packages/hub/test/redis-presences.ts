import { eventually } from '@switchboard/testing/eventually'
import type { Cluster, Redis } from 'ioredis'
import { RedisBroker } from '../src/broker-redis.ts'
import type { Connect, RedisClient } from '../src/connect.ts'
import { RedisPresence } from '../src/presence-redis.ts'
import type { PresenceWorld } from './suites/presence-suite.ts'

/** Tests need not wait for the lease of real ones. */
const LEASE_MS = 500

const nodesOf = (client: RedisClient): Redis[] =>
  client.isCluster ? (client as Cluster).nodes('master') : [client as Redis]

/** Every key that begins so. */
async function keys(client: RedisClient, prefix: string): Promise<string[]> {
  return (await Promise.all(nodesOf(client).map((node) => node.keys(`${prefix}*`)))).flat()
}

/** Processes that share an empty Redis. */
export async function openRedisPresences(connect: Connect): Promise<PresenceWorld> {
  const own = connect('commands')
  if (own.status !== 'ready') await new Promise<void>((resolve) => own.once('ready', resolve))
  await Promise.all(nodesOf(own).map((node) => node.flushall()))
  const processes = new Map<string, { clients: RedisClient[]; close(): Promise<void> }>()

  return {
    async presence(process) {
      const clients: RedisClient[] = []
      const traced: Connect = (purpose) => {
        const client = connect(purpose)
        clients.push(client)
        return client
      }
      const broker = new RedisBroker({ connect: traced, onError: () => {} })
      const presence = new RedisPresence({
        connect: traced,
        broker,
        process,
        watched: ['person:'],
        leaseMs: LEASE_MS,
        onError: () => {},
      })
      await Promise.all([broker.opened, presence.opened])
      const close = async () => {
        await presence.close()
        await broker.close()
      }
      processes.set(process, { clients, close })
      return presence
    },
    async crash(process) {
      for (const client of processes.get(process)?.clients ?? []) client.disconnect()
      await eventually(async () => (await own.exists(`sb:x:${process}`)) === 0)
    },
    async steal(key, connection, process) {
      await own.set(`sb:c:${key}`, `1 ${connection}`)
      const [holder] = [...processes.keys()].filter((one) => one !== process)
      await own.zrem('sb:{lease}:alive', holder ?? '')
    },
    async kept() {
      const indexes = await keys(own, 'sb:x:')
      const sizes = await Promise.all(indexes.map((index) => own.scard(index)))
      const kept = [...(await keys(own, 'sb:p:')), ...(await keys(own, 'sb:c:'))]
      return kept.length + sizes.reduce((sum, size) => sum + size, 0)
    },
    async close() {
      for (const { close } of processes.values()) await close()
      own.disconnect()
    },
  }
}
