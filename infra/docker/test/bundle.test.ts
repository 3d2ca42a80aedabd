import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { runToEnd, start } from '@switchboard/testing/process'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../src/bundle.ts'

const names = Object.keys(SERVICES) as Service[]
const isComplete = findServer('postgres') !== undefined && findServer('redis-server') !== undefined

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

describe('what an image holds of a service', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>
  const folderOf = (service: Service) => join(dir.path, service)

  beforeAll(async () => {
    dir = await tempDir()
    for (const service of names) {
      await bundle(`services/${service}/src/main.ts`, folderOf(service))
      await bundle('infra/docker/src/healthy.ts', folderOf(service))
    }
    await bundle('services/nemesis/src/admin.ts', folderOf('nemesis'))
  })
  afterAll(() => dir?.[Symbol.asyncDispose]())

  test.each(names)('%s is one file, what it reads, and one native package: under 16 MiB', async (service) => {
    const folder = folderOf(service)
    expect(await bytesBelow(folder)).toBeLessThan(16 * 1024 * 1024)
    expect(await readdir(join(folder, 'node_modules'))).toEqual(['@node-rs'])
  })

  test('nemesis brings its command, which explains itself', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(folderOf('nemesis'), 'admin.js'),
      '--help',
    ])
    expect(stdout).toContain('DATABASE_URL')
  })

  test('says what is missing where there is no database', async () => {
    const { code, output } = await runToEnd(join(folderOf('chat'), 'main.js'), { DATA_DIR: dir.path })
    expect(code).toBe(1)
    expect(output).toBe('chat: DATABASE_URL is missing, and no embedded database is installed here\n')
  })

  describe.skipIf(!isComplete)('on PostgreSQL and Redis', () => {
    let postgres: LivePostgres
    let redis: LiveRedis

    beforeAll(async () => {
      ;[postgres, redis] = await Promise.all([livePostgres(), liveRedis()])
    })
    afterAll(async () => {
      await postgres?.[Symbol.asyncDispose]()
      await redis?.[Symbol.asyncDispose]()
    })

    test.each(names)('%s starts from it alone, is healthy, and stops at SIGTERM', async (service) => {
      const folder = folderOf(service)
      await using running = await start(join(folder, 'main.js'), {
        NODE_ENV: 'production',
        JWT_SECRET: 'x'.repeat(32),
        DATABASE_URL: await postgres.createDatabase(),
        REDIS_URL: redis.url,
      })
      expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
      const { port } = new URL(running.url)
      const isHealthy = () => runToEnd(join(folder, 'healthy.js'), { PORT: port, SERVICE: service })
      expect((await isHealthy()).code).toBe(0)
      expect(await running.stop('SIGTERM')).toEqual({ code: 0, signal: null })
      expect((await isHealthy()).code).not.toBe(0)
    })
  })
})
