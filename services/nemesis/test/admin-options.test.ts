import { describe, expect, it } from 'vitest'
import { CommandError } from '../src/admin/command.ts'
import { commands } from '../src/admin/commands.ts'
import { runCommand } from '../src/admin/run.ts'
import { createTerminal } from '../src/admin/terminal.ts'

/** A terminal that keeps what is written to it. */
function paper({ isTTY = false } = {}) {
  const out: string[] = []
  const errors: string[] = []
  const stdout = { write: (text: string) => void out.push(text) }
  const stderr = { isTTY, write: (text: string) => void errors.push(text) }
  const terminal = createTerminal({ env: {}, stdout, stderr })
  return { terminal, written: () => ({ out: out.join(''), errors: errors.join('') }) }
}

/** What a command prints that opens nothing. */
async function admin(args: string[]): Promise<{ out: string; error: string }> {
  const { written, terminal } = paper()
  const work = runCommand(args, {
    terminal,
    withStorage: () => Promise.reject(new Error('something was opened')),
  })
  const error = await work.then(
    () => '',
    (one: unknown) => {
      if (one instanceof CommandError) return one.message
      throw one
    },
  )
  return { out: written().out, error }
}

describe('the command line', () => {
  it('tells of every command, and of each by itself', async () => {
    for (const args of [['--help'], ['-h'], []]) {
      const { out } = await admin(args)
      for (const [name, { usage }] of commands) expect(out).toContain(`\n  ${name} ${usage}\n`)
    }
    for (const [name, { usage, about }] of commands)
      for (const flag of ['--help', '-h']) {
        const { out } = await admin([name, flag])
        for (const line of [`${name} ${usage}`, ...about]) expect(out).toContain(line)
      }
  })

  it('names every option of a command in its help', () => {
    for (const { options, usage } of commands.values())
      for (const name of Object.keys(options)) expect(usage).toContain(`--${name}`)
  })

  const leader = (userid: string, ...more: string[]) => ['leader', '--userid', userid, ...more]
  it.each([
    ['an unknown command', ['promote'], 'there is no command "promote"'],
    ['a command of a prototype', ['constructor'], 'there is no command "constructor"'],
    ['an option first', ['--userid', 'x'], 'there is no command "--userid"'],
    ['an unknown option', ['leader', '--password', 'x'], "Unknown option '--password'"],
    ['an option of another command', ['team', 'team-1', '--all'], "Unknown option '--all'"],
    ['a missing option', leader('x'), '--college is missing'],
    ['an option without its value', ['leader', '--userid'], "Option '--userid <value>' argument missing"],
    ['an empty option', leader(' ', '--college', 'college-1'), '--userid must not be empty'],
    ['an operand too many', [...leader('x', '--college', 'college-1'), 'y'], 'more than the command takes'],
    ['a name of 10 kB', leader('x'.repeat(10_000), '--college', 'college-1'), '256 characters at most'],
    ['a name with NUL', leader('x\u0000', '--college', 'college-1'), 'control characters'],
    ['a name with a slash', leader('a/b', '--college', 'college-1'), 'a username holds none of'],
    ['a college that LDAP would not know', leader('x', '--college', 'x'), '--college takes a name such as'],
    ['a college that is a filter', leader('x', '--college', 'college-*)('), '--college takes a name such as'],
    [
      'an address that is none',
      leader('x', '--college', 'college-1', '--email', 'x'),
      'not an e-mail address',
    ],
    ['a college without a name', ['college'], 'college is missing'],
    ['two colleges', ['college', 'college-1', 'college-2'], 'there is one college, not 2'],
    ['a team that is a DN', ['team', 'team-a,ou=users'], 'a team has a name such as team-ABC'],
    ['a number that is none', ['approve', '*'], 'a whole number'],
    ['a rejection without a reason', ['reject', '1'], '--reason is missing'],
    ['a college to list that is none', ['queue', '--college', ')('], '--college takes a name'],
  ])('answers %s with one line, before it opens anything', async (_what, args, error) => {
    const answer = await admin(args)
    expect(answer).toEqual({ out: '', error: expect.stringContaining(error) as string })
    expect(answer.error).toMatch(/^[^\r\n]{1,200}$/)
  })
})

describe('the progress of an import', () => {
  const work = ({ terminal }: ReturnType<typeof paper>) => {
    for (let done = 0; done < 250; done++) terminal.progress(done, 250)
    terminal.say('done')
  }

  it('is a line for every hundred people where nobody sits at a terminal', () => {
    const sheet = paper()
    work(sheet)
    expect(sheet.written()).toEqual({ out: 'done\n', errors: '100 of 250\n200 of 250\n' })
  })

  it('is one line, and gone at the end, at a terminal', () => {
    const sheet = paper({ isTTY: true })
    work(sheet)
    expect(sheet.written()).toEqual({ out: 'done\n', errors: '\r100 of 250\r200 of 250\r\u001b[K' })
  })
})
