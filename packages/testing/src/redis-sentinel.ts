import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LiveRedis, liveRedis } from './redis.ts'
import { redisCommand } from './redis-command.ts'
import { tempDir } from './temp.ts'

/** A master, its replica, and a Sentinel that makes the replica master about 1 s after the master is gone. */
export interface LiveSentinel extends AsyncDisposable {
  /** `redis-sentinel://127.0.0.1:<port>/main` */
  url: string
  master: LiveRedis
  replica: LiveRedis
}

const PATIENCE_MS = 30_000

async function until(port: number, command: string, expected: RegExp): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !expected.test(await redisCommand(port, command)); ) {
    if (Date.now() > deadline) throw new Error(`Redis behind Sentinel did not come up: ${command}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export async function liveSentinel(): Promise<LiveSentinel> {
  const dir = await tempDir()
  const master = await liveRedis()
  const replica = await liveRedis({ args: ['--replicaof', '127.0.0.1', `${master.port}`] })
  await until(replica.port, 'INFO replication', /master_link_status:up/)
  const config = join(dir.path, 'sentinel.conf')
  const lines = [
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 500',
    'sentinel failover-timeout main 3000',
  ]
  await writeFile(config, `${lines.join('\n')}\n`)
  const sentinel = await liveRedis({ config, args: ['--sentinel'] })
  // It learns of replicas from the master's INFO, which it asks for each 10 s, first at its start.
  await until(sentinel.port, 'SENTINEL REPLICAS main', new RegExp(`${replica.port}`))
  return {
    url: `redis-sentinel://127.0.0.1:${sentinel.port}/main`,
    master,
    replica,
    async [Symbol.asyncDispose]() {
      for (const server of [sentinel, replica, master, dir]) await server[Symbol.asyncDispose]()
    },
  }
}
