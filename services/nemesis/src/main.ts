import { openBus } from '@switchboard/hub/bus'
import { serve } from '@switchboard/kit/serve'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { demoPeople } from './demo.ts'
import { whereMailsGo } from './mail/run.ts'

await serve('nemesis', {
  readConfig,
  openBus,
  createApp,
  hints({ demo, mail }) {
    const lines = [whereMailsGo(mail)]
    if (!demo) return lines
    const people = demoPeople().map(({ userid, password }) => `${userid}/${password}`)
    return [...lines, `demo people (userid/password): ${people.join(' ')}`]
  },
})
