import { liveSlapd } from '@switchboard/testing/slapd'
import { describe } from 'vitest'
import { demoRoster } from '../../src/demo.ts'
import { directoryBehaviour } from '../support/directory-behaviour.ts'
import { DEMO_LDIF, directoryAt, hasLdap } from './support.ts'

describe.skipIf(!hasLdap)('on slapd', () => {
  directoryBehaviour('LDAP', demoRoster(), async () => {
    const slapd = await liveSlapd({ ldif: DEMO_LDIF })
    const directory = directoryAt(slapd)
    return {
      directory,
      async [Symbol.asyncDispose]() {
        directory[Symbol.dispose]()
        await slapd[Symbol.asyncDispose]()
      },
    }
  })
})
