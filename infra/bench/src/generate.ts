import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Reply } from './generator.ts'
import type { Figures, Order } from './load/jobs.ts'
import { onCore } from './machine.ts'

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url))

/** Has a generator of its own carry out the order; rejects with what went wrong. */
export async function generate(order: Order, core: string | undefined): Promise<Figures> {
  const [program = '', ...args] = onCore(core, [process.execPath, GENERATOR])
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const killChild = () => child.kill('SIGKILL')
  process.once('exit', killChild)
  try {
    const reply = await new Promise<Reply>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Reply))
      child.once('error', reject)
      child.once('exit', (code, signal) =>
        reject(new Error(`the load generator ended with ${code ?? signal}`)),
      )
      child.send(order)
    })
    if ('error' in reply) throw new Error(reply.error)
    return reply.figures
  } finally {
    process.off('exit', killChild)
  }
}
