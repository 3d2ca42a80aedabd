import { openBus } from '@switchboard/hub/bus'
import { serve } from '@switchboard/kit/serve'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { demoPeople } from './demo.ts'

await serve('nemesis', {
  readConfig,
  openBus,
  createApp,
  hints({ demo }) {
    if (!demo) return []
    const people = demoPeople().map(({ userid, password }) => `${userid}/${password}`)
    return [`demo people (userid/password): ${people.join(' ')}`]
  },
})
