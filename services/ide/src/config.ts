import { type CommonConfig, type Env, readCommonConfig } from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'

export type IdeConfig = CommonConfig

/** ide has no variable of its own. */
export const readConfig = (env: Env): IdeConfig => readCommonConfig(env, { port: SERVICES.ide })
