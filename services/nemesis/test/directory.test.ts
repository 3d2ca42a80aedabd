import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe } from 'vitest'
import { demoRoster } from '../src/demo.ts'
import { seedDemo } from '../src/demo-seed.ts'
import { directoryBehaviour, type LoadedDirectory } from './support/directory-behaviour.ts'
import { directoryChanges } from './support/directory-changes.ts'
import { type House, openHouse } from './support/house.ts'

const directoryOf = (house: House): LoadedDirectory => ({
  directory: house.storage.directory,
  [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
})

directoryBehaviour('database', demoRoster(), async (roster) => {
  const house = await openHouse()
  await seedDemo(house.storage, roster)
  return directoryOf(house)
})

directoryChanges('database', async () => directoryOf(await openHouse()))

describe.skipIf(!findServer('postgres'))('on PostgreSQL', () => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await livePostgres()
  })
  afterAll(() => postgres[Symbol.asyncDispose]())

  directoryChanges('database', async () =>
    directoryOf(await openHouse({ url: await postgres.createDatabase() })),
  )
})
