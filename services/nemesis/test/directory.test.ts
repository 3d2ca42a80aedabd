import { demoRoster } from '../src/demo.ts'
import { seedDemo } from '../src/demo-seed.ts'
import { directoryBehaviour } from './support/directory-behaviour.ts'
import { directoryChanges } from './support/directory-changes.ts'
import { openHouse } from './support/house.ts'

directoryBehaviour('database', demoRoster(), async (roster) => {
  const house = await openHouse()
  await seedDemo(house.storage, roster)
  return {
    directory: house.storage.directory,
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
})

directoryChanges('database', async () => {
  const house = await openHouse()
  return {
    directory: house.storage.directory,
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
})
