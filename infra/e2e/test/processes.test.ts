import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Installation, startInstallation } from './installation.ts'
import { scenarios } from './scenarios.ts'

const SERVERS = ['postgres', 'redis-server', 'nginx'] as const
const isComplete = SERVERS.every((name) => findServer(name) !== undefined)

describe.skipIf(!isComplete)('two processes of each service behind nginx, on Redis and PostgreSQL', () => {
  let installation: Installation

  beforeAll(async () => {
    const processes = { ide: 2, chat: 2, relay: 2, channels: 2, nemesis: 2 }
    installation = await startInstallation({ processes })
  }, 120_000)
  afterAll(() => installation?.[Symbol.asyncDispose]())

  scenarios(() => installation)
})
