import { openBus } from '@switchboard/hub/bus'
import { serve } from '@switchboard/kit/serve'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

await serve('relay', {
  readConfig,
  needsDatabase: ({ redisUrl }) => redisUrl === undefined,
  openBus,
  createApp,
})
