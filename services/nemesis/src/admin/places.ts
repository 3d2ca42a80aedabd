import { isCollegeName, isTeamName } from '../domain/places.ts'
import { addColleges, addTeams } from './add-places.ts'
import { type Command, CommandError, operand, optional, TEXT } from './command.ts'

export const college: Command = {
  usage: '<college-x> [--title <text>]',
  about: ['Makes a college, called by its name unless a title is given. One that is there already is kept.'],
  options: { title: TEXT },
  prepare(typed) {
    const name = operand(typed, 'college')
    const title = optional(typed, 'title') ?? name
    if (!isCollegeName(name)) throw new CommandError('a college has a name such as college-1')
    return async (storage, { say }) => {
      const made = await addColleges(storage, [{ name, title }])
      say(made.length > 0 ? `made ${name}` : `${name} is there already`)
    }
  },
}

export const team: Command = {
  usage: '<team-x>',
  about: ['Makes a team. One that is there already is kept.'],
  options: {},
  prepare(typed) {
    const name = operand(typed, 'team')
    if (!isTeamName(name)) throw new CommandError('a team has a name such as team-ABC')
    return async (storage, { say }) => {
      const made = await addTeams(storage, [name])
      say(made.length > 0 ? `made ${name}` : `${name} is there already`)
    }
  },
}
