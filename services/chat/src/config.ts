import { fileURLToPath } from 'node:url'
import { type CommonConfig, type Env, readBoolean, readCommonConfig } from '@switchboard/kit/config'
import { SERVICES } from '@switchboard/protocol/gateway'

export interface ChatConfig extends CommonConfig {
  /** A log-in with an unknown name is answered like one with a wrong password. */
  hideUnknownUsers: boolean
}

/** The repository's root. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export const readConfig = (env: Env): ChatConfig => ({
  ...readCommonConfig(env, { port: SERVICES.chat, root: ROOT }),
  hideUnknownUsers: readBoolean(env, 'CHAT_HIDE_UNKNOWN_USERS', false),
})
