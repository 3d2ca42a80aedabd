import type { Env } from '@switchboard/kit/config'
import type { Terminal } from './command.ts'
import { readPassword } from './read-password.ts'

/** People between two lines that tell how far an import is. */
const EVERY = 100

/** Standard output for what was asked for, standard error for the rest. */
export function terminal(env: Env): Terminal {
  const { stderr } = process
  let shown = false
  const clear = () => {
    if (shown) stderr.write('\r\u001b[K')
    shown = false
  }
  return {
    say(line) {
      clear()
      console.log(line)
    },
    warn(line) {
      clear()
      console.error(line)
    },
    progress(done, total) {
      if (done === 0 || done % EVERY > 0) return
      const line = `${done} of ${total}`
      if (!stderr.isTTY) return console.error(line)
      stderr.write(`\r${line}`)
      shown = true
    },
    async password() {
      clear()
      return readPassword(env)
    },
  }
}
