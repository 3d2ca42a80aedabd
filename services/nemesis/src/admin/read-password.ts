import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CommandError } from './command.ts'

/** Typed at a terminal, without showing it. */
async function ask(): Promise<string> {
  process.stderr.write('Password for the new account: ')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** `NEMESIS_PASSWORD`, else what is typed or piped in. Never an argument: every user of a machine sees those. */
export async function readPassword(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const given = env['NEMESIS_PASSWORD']
  if (given) return given
  const password = process.stdin.isTTY ? await ask() : (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password === '')
    throw new CommandError('a new account needs a password: NEMESIS_PASSWORD, or standard input')
  return password
}
