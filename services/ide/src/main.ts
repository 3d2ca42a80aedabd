import { openBus } from '@switchboard/hub/bus'
import { serve } from '@switchboard/kit/serve'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

await serve('ide', { readConfig, openBus, createApp })
