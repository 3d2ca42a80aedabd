import { freePort } from './port.ts'
import { type LiveRedis, liveRedis } from './redis.ts'
import { redisCommand } from './redis-command.ts'

/** Three masters, each with a third of the slots, and a replica of the first. */
export interface LiveRedisCluster extends AsyncDisposable {
  /** `redis-cluster://127.0.0.1:<port>,…` */
  url: string
  masters: LiveRedis[]
  replica: LiveRedis
}

const SLOTS = ['0 5460', '5461 10922', '10923 16383']
const PATIENCE_MS = 30_000

/** Nodes that are quick to count each other as dead are quick to find each other too. */
async function clusterNode(): Promise<LiveRedis> {
  const port = `${await freePort()}`
  return liveRedis({
    args: ['--cluster-enabled', 'yes', '--cluster-port', port, '--cluster-node-timeout', '1000'],
  })
}

async function until(port: number, command: string, expected: RegExp): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !expected.test(await redisCommand(port, command)); ) {
    if (Date.now() > deadline) throw new Error(`a Redis Cluster did not come up: ${command}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The port that a node's own bus listens on, as `CLUSTER NODES` has it: `<address>:<port>@<bus port>`. */
async function busPort(port: number): Promise<string> {
  const [, bus = ''] = /@(\d+)[^\n]*myself/.exec(await redisCommand(port, 'CLUSTER NODES')) ?? []
  return bus
}

/**
 * Starts four Redis and makes a Cluster of them.
 * @param options.nodeTimeoutMs After how long the others count a node as dead; Redis' own default unless told.
 */
export async function liveRedisCluster({ nodeTimeoutMs = 15_000 } = {}): Promise<LiveRedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 4 }, clusterNode))
  const [first, second, third, replica] = nodes
  if (!first || !second || !third || !replica) throw new Error('four nodes were asked for')
  const masters = [first, second, third]
  for (const [i, { port }] of masters.entries()) await redisCommand(port, `CLUSTER ADDSLOTSRANGE ${SLOTS[i]}`)
  for (const [i, { port }] of nodes.entries()) await redisCommand(port, `CLUSTER SET-CONFIG-EPOCH ${i + 1}`)
  for (const { port } of nodes.slice(1))
    await redisCommand(port, `CLUSTER MEET 127.0.0.1 ${first.port} ${await busPort(first.port)}`)
  for (const { port } of nodes) await until(port, 'CLUSTER INFO', /cluster_known_nodes:4/)
  const [, id] = /([0-9a-f]{40})/.exec(await redisCommand(first.port, 'CLUSTER MYID')) ?? []
  await redisCommand(replica.port, `CLUSTER REPLICATE ${id}`)
  await until(replica.port, 'INFO replication', /master_link_status:up/)
  for (const { port } of nodes) await until(port, 'CLUSTER INFO', /cluster_state:ok/)
  for (const { port } of nodes) await redisCommand(port, `CONFIG SET cluster-node-timeout ${nodeTimeoutMs}`)
  return {
    url: `redis-cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    masters,
    replica,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    },
  }
}
