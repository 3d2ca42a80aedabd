import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below what systems give to whoever asks for any port (Linux from 32768 on), so that nobody gets it while its server is
 * stopped; above the last one that browsers refuse (10080).
 */
const LOWEST = 10_100
const HIGHEST = 32_767
/** Workers of a test run that never get the same port. */
const LANES = 16

const width = Math.floor((HIGHEST - LOWEST + 1) / LANES)
const lane = LOWEST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % LANES) * width
let last = Math.floor(Math.random() * width)

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}

/** A TCP port of 127.0.0.1 that nobody listens on, and that this test run gives to nobody else. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < width; tries++) {
    last = (last + 1) % width
    const port = lane + last
    if (await isFree(port)) return port
  }
  throw new Error(`no free port from ${lane} to ${lane + width - 1}`)
}
