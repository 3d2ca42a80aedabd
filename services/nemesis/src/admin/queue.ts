import type { QueuedRegistration } from '@switchboard/protocol/nemesis'
import { parseApproval, parseRegistrationId, parseRejection } from '@switchboard/protocol/nemesis-requests'
import type { Result } from '@switchboard/protocol/result'
import { approval, type DecisionProblem } from '../approval.ts'
import { COMMAND_LINE } from '../audit.ts'
import {
  type Command,
  CommandError,
  FLAG,
  isSet,
  noOperand,
  operand,
  optional,
  required,
  TEXT,
  type Typed,
} from './command.ts'
import { checkCollege } from './leader.ts'

/** Rows that are asked for at once. */
const PAGE = 500

const BY = { userid: COMMAND_LINE, address: COMMAND_LINE }

/** In one line; names are kept in any script, but none may turn the rest of the line around. */
function lineOf(row: QueuedRegistration): string {
  const { id, state, first_name, last_name, email, team, team_known, college, leader, created, userid } = row
  const when = new Date(created).toISOString().slice(0, 10)
  const which = team_known ? team : `${team} (unknown)`
  const as = userid === undefined ? '' : ` as ${userid}`
  const line = `${id} ${state}${as}: ${first_name} ${last_name} <${email}>, ${which}, ${college}, by ${leader} on ${when}`
  return line.replaceAll(/\p{Bidi_Control}/gu, '')
}

export const queue: Command = {
  usage: '[--college <college-x>] [--all]',
  about: ['Lists the registrations that wait; with --all also those that were approved or rejected.'],
  options: { college: TEXT, all: FLAG },
  prepare(typed) {
    noOperand(typed)
    const college = optional(typed, 'college')
    const filter = {
      colleges: college === undefined ? undefined : [checkCollege(college)],
      state: isSet(typed, 'all') ? undefined : ('waiting' as const),
      count: PAGE,
    }
    return async (storage, { say }) => {
      let after = 0
      for (;;) {
        const rows = await storage.queue.list({ ...filter, after })
        for (const row of rows) say(lineOf(row))
        const last = rows.at(-1)
        if (!last) break
        after = last.id
      }
      if (after === 0) say('there are none')
    }
  },
}

function orStop<T>(result: Result<T, string | DecisionProblem>): T {
  if (result.ok) return result.value
  throw new CommandError(typeof result.error === 'string' ? result.error : result.error.message)
}

const idOf = (typed: Typed): number => orStop(parseRegistrationId(operand(typed, 'number')))

export const approve: Command = {
  usage: '<number> [--team <team-x>]',
  about: [
    'Puts somebody who waits in the queue into the directory, in the registration’s team or another one, and',
    'mails a link to set a password: the service sends it.',
  ],
  options: { team: TEXT },
  prepare(typed) {
    const id = idOf(typed)
    const team = optional(typed, 'team')
    const decision = orStop(parseApproval(team === undefined ? {} : { team }))
    return async (storage, { say }) => {
      const row = orStop(await approval(storage).approve(id, { team: decision.team, by: BY }))
      say(lineOf(row))
    }
  },
}

export const reject: Command = {
  usage: '<number> --reason <text>',
  about: ['Takes somebody who waits in the queue out of it.'],
  options: { reason: TEXT },
  prepare(typed) {
    const id = idOf(typed)
    const { reason } = orStop(parseRejection({ reason: required(typed, 'reason') }))
    return async (storage, { say }) => {
      say(lineOf(orStop(await approval(storage).reject(id, { reason, by: BY }))))
    }
  },
}
