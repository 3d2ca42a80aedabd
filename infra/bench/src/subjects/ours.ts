import type { Job, Target } from '../load/jobs.ts'
import type { Prepared, WireName } from '../load/wires.ts'
import type { ServerProcess } from '../server-process.ts'
import { type Accounts, makeAccounts, type ServiceWithAccounts } from './accounts.ts'
import { commit } from './commit.ts'
import type { Installation, RunOptions, Service } from './installation.ts'
import type { Server, StartContext } from './subject.ts'

/** How many people share the connections of a room. */
const ROOM_PEOPLE = 20

/** A room's connections share a few accounts; whoever speaks to one person alone has one, and so has that person. */
const peopleOf = (job: Job): number =>
  job.kind === 'fan-out' && job.groups > 1 ? job.listeners + job.publishers : ROOM_PEOPLE

const made = new WeakMap<Installation, Map<Service, Promise<Accounts>>>()

/** Made once in an installation, by a process that is not measured. */
function accountsOf(service: ServiceWithAccounts, context: StartContext): Promise<Accounts> {
  const { installation, cores, job } = context
  const known = made.get(installation) ?? new Map<Service, Promise<Accounts>>()
  made.set(installation, known)
  const make = async (): Promise<Accounts> => {
    await using server = await installation.run(service, { core: cores?.server })
    return await makeAccounts(service, server.port, peopleOf(job))
  }
  const accounts = known.get(service) ?? make()
  known.set(service, accounts)
  return accounts
}

interface Options {
  wire: WireName
  prepare?(context: StartContext): Promise<Prepared>
  /** What has to be asked of the very process that is measured. */
  greet?(server: ServerProcess): Promise<Prepared>
}

const ours = (service: Service, { wire, prepare, greet }: Options): Server => ({
  name: service,
  version: commit,
  missing: () => undefined,
  async start(context) {
    const { installation, cores, variant } = context
    const prepared = (await prepare?.(context)) ?? {}
    await using stack = new AsyncDisposableStack()
    const servers: ServerProcess[] = []
    const { processes = 1, limits = 'off' } = variant
    for (let i = 0; i < processes; i++) {
      const options: RunOptions = { core: cores?.server, limits, overRedis: processes > 1 }
      servers.push(stack.use(await installation.run(service, options)))
    }
    const target: Target = {
      ports: servers.map(({ port }) => port),
      pids: servers.map(({ pid }) => pid),
      wire,
      prepared: { ...prepared, ...(await greet?.(servers[0] as ServerProcess)) },
      collectsOnSignal: true,
    }
    const owned = stack.move()
    return { target, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  },
})

async function relayToken({ port }: ServerProcess): Promise<Prepared> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/new`)
  const token = (await response.text()).replaceAll('"', '')
  return { relayPath: `/v1/go/${token}`, namespace: `/${token},` }
}

export const OURS = {
  chat: ours('chat', { wire: 'chat', prepare: (context) => accountsOf('chat', context) }),
  channels: ours('channels', { wire: 'channels' }),
  ide: ours('ide', { wire: 'ide', prepare: (context) => accountsOf('ide', context) }),
  relay: ours('relay', { wire: 'room', greet: relayToken }),
} satisfies Record<Service, Server>
