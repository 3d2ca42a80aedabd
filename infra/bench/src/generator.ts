/** The load generator: a process of its own, so that it has a core of its own. Takes one order and answers it. */
import { fanOut } from './load/fan-out.ts'
import { idle } from './load/idle.ts'
import type { Figures, Order } from './load/jobs.ts'
import { logIn } from './load/log-in.ts'
import { relay } from './load/relay.ts'

export type Reply = { figures: Figures } | { error: string }

function run(order: Order): Promise<Figures> {
  const { job } = order
  if (job.kind === 'fan-out') return fanOut(job, order)
  if (job.kind === 'idle') return idle(job, order)
  if (job.kind === 'relay') return relay(job, order)
  return logIn(job, order)
}

async function answer(order: Order): Promise<Reply> {
  try {
    return { figures: await run(order) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

process.once('message', async (order: Order) => {
  const reply = await answer(order)
  process.send?.(reply, () => process.exit())
})
