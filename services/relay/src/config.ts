import { type CommonConfig, type Env, readCommonConfig, readInteger } from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'
import { ACK_PATIENCE_MS, QUEUE_MAX } from '@switchboard/protocol/relay'

export interface RelayConfig extends CommonConfig {
  tokenTtlSeconds: number
  /** Bytes of requests that wait, of all tokens together. */
  queueBytes: number
  /** Milliseconds that a request's answer waits for the client. */
  ackPatienceMs: number
}

const DAY_SECONDS = 86_400
const GIB = 2 ** 30

export const readConfig = (env: Env): RelayConfig => ({
  ...readCommonConfig(env, { port: SERVICES.relay }),
  tokenTtlSeconds: readInteger(env, 'RELAY_TOKEN_TTL_SECONDS', {
    min: 1,
    max: 3650 * DAY_SECONDS,
    fallback: DAY_SECONDS,
  }),
  // What one token may have waiting fits, so that a request that was kept is never dropped at once.
  queueBytes: readInteger(env, 'RELAY_QUEUE_BYTES', { min: QUEUE_MAX.bytes, max: 1024 * GIB, fallback: GIB }),
  ackPatienceMs: ACK_PATIENCE_MS,
})
