import type { Env } from '@switchboard/kit/config'
import type { Terminal } from './command.ts'
import { readPassword } from './read-password.ts'

/** People between two lines that tell how far an import is. */
const EVERY = 100

interface Output {
  write(text: string): unknown
  isTTY?: boolean
}

export interface TerminalParts {
  env: Env
  /** What was asked for. */
  stdout: Output
  /** All else. */
  stderr: Output
}

/** At a terminal the line of the progress is written over, else there is one for every hundred people. */
export function createTerminal({ env, stdout, stderr }: TerminalParts): Terminal {
  let shown = false
  const clear = () => {
    if (shown) stderr.write('\r\u001b[K')
    shown = false
  }
  const print = (output: Output, line: string) => {
    clear()
    output.write(`${line}\n`)
  }
  return {
    say: (line) => print(stdout, line),
    warn: (line) => print(stderr, line),
    progress(done, total) {
      if (done === 0 || done % EVERY > 0) return
      const line = `${done} of ${total}`
      if (!stderr.isTTY) return print(stderr, line)
      stderr.write(`\r${line}`)
      shown = true
    },
    async password() {
      clear()
      return readPassword(env)
    },
  }
}
