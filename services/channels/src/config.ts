import { type CommonConfig, type Env, readCommonConfig } from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'

export type ChannelsConfig = CommonConfig

/** channels has no variable of its own. */
export const readConfig = (env: Env): ChannelsConfig => readCommonConfig(env, { port: SERVICES.channels })
