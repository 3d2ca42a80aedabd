import { post } from '../wire/http.ts'
import { Links } from '../wire/links.ts'
import { startClosedHttp } from './closed-http.ts'
import type { Figures, LogInJob, Order } from './jobs.ts'
import { startMeter } from './meter.ts'
import { sleep } from './sleep.ts'

/** One account logs in over and over; each answer must hold a token. */
export async function logIn({ connections }: LogInJob, { target, timing }: Order): Promise<Figures> {
  const { names = [], secret } = target.prepared
  const links = new Links()
  const request = post('/api/v1/login', JSON.stringify({ username: names[0], secret }))
  const load = startClosedHttp({
    links,
    port: target.ports[0] as number,
    connections,
    request: () => request,
    check(_number, { status, body }) {
      if (status !== 200 || !body.includes('"token"')) throw new Error(`a log-in was answered with ${status}`)
    },
  })
  await sleep(timing.warmUpSeconds)
  const stopMeter = startMeter(target.pids, { links, count: load.answered })
  await sleep(timing.seconds)
  const figures = stopMeter()
  await load.stop()
  return figures
}
