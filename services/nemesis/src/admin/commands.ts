import type { Command } from './command.ts'
import { importPeople } from './import.ts'
import { leaderCommand } from './leader.ts'
import { college, team } from './places.ts'
import { approve, queue, reject } from './queue.ts'
import { removeDemoPeople } from './remove-demo.ts'

/** By name, in the order that `--help` has. */
export const commands: ReadonlyMap<string, Command> = new Map([
  [
    'administrator',
    leaderCommand(
      'administrator',
      'an administrator',
      'Makes someone an administrator: a team leader in a college, who sees and decides everything.',
    ),
  ],
  ['leader', leaderCommand('team-leader', 'a team leader', 'Makes someone a team leader in a college.')],
  ['college', college],
  ['team', team],
  ['import', importPeople],
  ['queue', queue],
  ['approve', approve],
  ['reject', reject],
  ['remove-demo', removeDemoPeople],
])
