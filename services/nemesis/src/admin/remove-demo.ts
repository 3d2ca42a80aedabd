import { demoRoster } from '../demo.ts'
import { removeDemo } from '../demo-seed.ts'
import { type Command, noOperand } from './command.ts'
import { audited } from './done.ts'

export const removeDemoPeople: Command = {
  usage: '',
  about: [
    'Takes the demo people who still have their published passwords out of the directory, and locks their accounts.',
  ],
  options: {},
  prepare(typed) {
    noOperand(typed)
    return async (storage, { say }) => {
      const { directory } = storage
      const remove = (userid: string) =>
        audited(storage, { action: 'person-removed', target: userid }, () => directory.remove(userid))
      const removed = await removeDemo({ ...directory, remove }, demoRoster())
      say(removed.length > 0 ? `removed ${removed.join(', ')}` : 'there are no demo people')
    }
  },
}
