import { openMemoryBus } from '@switchboard/hub/bus'
import { serve } from '@switchboard/kit/serve'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

await serve('chat', {
  readConfig,
  createApp: (config, own, stack) => createApp(config, { ...own, ...stack.use(openMemoryBus()) }),
})
