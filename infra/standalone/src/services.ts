import { createApp as createChannels } from '@switchboard/channels/app'
import { readConfig as readChannels } from '@switchboard/channels/config'
import { createApp as createChat } from '@switchboard/chat/app'
import { readConfig as readChat } from '@switchboard/chat/config'
import type { Broker } from '@switchboard/hub/broker'
import type { Presence } from '@switchboard/hub/presence'
import { createApp as createIde } from '@switchboard/ide/app'
import { readConfig as readIde } from '@switchboard/ide/config'
import type { Env } from '@switchboard/kit/config'
import type { Database } from '@switchboard/kit/database'
import type { Limits } from '@switchboard/kit/limits'
import type { Server } from '@switchboard/kit/server'
import { createApp as createNemesis } from '@switchboard/nemesis/app'
import { readConfig as readNemesis } from '@switchboard/nemesis/config'
import type { Service } from '@switchboard/protocol/gateway'
import { createApp as createRelay } from '@switchboard/relay/app'
import { readConfig as readRelay } from '@switchboard/relay/config'

/** What the five share in this process. */
export interface Parts {
  database: Database
  broker: Broker
  presence: Presence
  limits: Limits
}

export type Apps = Readonly<Record<Service, Server>>

export interface Configs {
  ide: ReturnType<typeof readIde>
  chat: ReturnType<typeof readChat>
  relay: ReturnType<typeof readRelay>
  channels: ReturnType<typeof readChannels>
  nemesis: ReturnType<typeof readNemesis>
}

/** What each service reads from one environment. @throws ConfigError at the first value that does not parse */
export const readConfigs = (env: Env): Configs => ({
  ide: readIde(env),
  chat: readChat(env),
  relay: readRelay(env),
  channels: readChannels(env),
  nemesis: readNemesis(env),
})

/** The five apps, not listening, each on the same parts. One after the other, so that a failure leaves none behind. */
export async function createServices(
  configs: Configs,
  parts: Parts,
): Promise<{ apps: Apps } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const own = async (app: Promise<Server>) => stack.adopt(await app, (one) => one.close())
  const apps = {
    ide: await own(createIde(configs.ide, parts)),
    chat: await own(createChat(configs.chat, parts)),
    relay: await own(createRelay(configs.relay, parts)),
    channels: await own(createChannels(configs.channels, parts)),
    nemesis: await own(createNemesis(configs.nemesis, parts)),
  }
  stack.move()
  return {
    apps,
    async [Symbol.asyncDispose]() {
      // All at once: each tells its clients to go and waits for them.
      await Promise.all(Object.values(apps).map((app) => app.close()))
    },
  }
}
