import { liveSlapd } from '@switchboard/testing/slapd'
import { describe } from 'vitest'
import { demoRoster } from '../../src/demo.ts'
import { directoryBehaviour, type LoadedDirectory } from '../support/directory-behaviour.ts'
import { directoryChanges } from '../support/directory-changes.ts'
import { DEMO_LDIF, hasSlapd } from '../support/slapd.ts'
import { directoryAt, EMPTY_LDIF } from './support.ts'

async function load(ldif: string): Promise<LoadedDirectory> {
  const slapd = await liveSlapd({ ldif })
  const directory = directoryAt(slapd)
  return {
    directory,
    async [Symbol.asyncDispose]() {
      directory[Symbol.dispose]()
      await slapd[Symbol.asyncDispose]()
    },
  }
}

describe.skipIf(!hasSlapd)('on slapd', () => {
  directoryBehaviour('LDAP', demoRoster(), () => load(DEMO_LDIF))
  directoryChanges('LDAP', () => load(EMPTY_LDIF))
})
