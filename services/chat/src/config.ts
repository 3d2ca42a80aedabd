import { type CommonConfig, type Env, readBoolean, readCommonConfig } from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'

export interface ChatConfig extends CommonConfig {
  /** A log-in with an unknown name is answered like one with a wrong password. */
  hideUnknownUsers: boolean
}

export const readConfig = (env: Env): ChatConfig => ({
  ...readCommonConfig(env, { port: SERVICES.chat }),
  hideUnknownUsers: readBoolean(env, 'CHAT_HIDE_UNKNOWN_USERS', false),
})
