import { type CommonConfig, type Env, readCommonConfig } from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'

export type ChannelsConfig = CommonConfig

/** channels has no variable of its own. `root`: what a relative `DATA_DIR` is relative to. */
export const readConfig = (env: Env, root: string): ChannelsConfig =>
  readCommonConfig(env, { port: SERVICES.channels, root })
