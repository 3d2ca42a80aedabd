/** Each protocol, with a few connections, against the real servers: what is asked for is delivered. */
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { check, setUpsOf, Unfit } from '../src/checks/check-ours.ts'
import { generate } from '../src/generate.ts'
import { fanOut } from '../src/load/fan-out.ts'
import { idle } from '../src/load/idle.ts'
import type { FanOutJob, Figures, Job, Target } from '../src/load/jobs.ts'
import { logIn } from '../src/load/log-in.ts'
import { relay } from '../src/load/relay.ts'
import { type Installation, openInstallation, type Service } from '../src/subjects/installation.ts'
import type { RunningSubject, Variant } from '../src/subjects/subject.ts'
import { SUBJECTS, type SubjectName } from '../src/subjects/subjects.ts'

const ROOM: FanOutJob = { kind: 'fan-out', listeners: 3, publishers: 2, groups: 1, pace: { inFlight: 4 } }
const PACED: FanOutJob = { ...ROOM, pace: { perSecond: 100 } }
const APART: FanOutJob = { ...ROOM, apart: true }
const PAIRS: FanOutJob = { kind: 'fan-out', listeners: 3, publishers: 3, groups: 3, pace: { inFlight: 4 } }

const timing = { warmUpSeconds: 0.1, seconds: 0.2, settleSeconds: 0.1 }

let installation: Installation
beforeAll(async () => {
  installation = await openInstallation({ embedded: false })
})
afterAll(() => installation[Symbol.asyncDispose]())

/** Something was delivered, and nothing went wrong. */
function expectAllDelivered({ check, perSecond }: Figures): void {
  expect(check).toMatchObject({ lost: 0, doubled: 0, misordered: 0, foreign: 0 })
  expect(check?.delivered).toBe(check?.expected)
  expect(check?.delivered).toBeGreaterThan(0)
  expect(perSecond).toBeGreaterThan(0)
}

/** What can be asked of a running server, by what it must do. */
const PROMISES = {
  async 'does for the SDK what it is measured at'({ ports }: Target, name: SubjectName) {
    await check(name as Service, ports)
  },
  async 'delivers everything to a room, saturated'(target: Target) {
    expectAllDelivered(await fanOut(ROOM, { job: ROOM, target, timing }))
  },
  async 'delivers everything to a room at a pace, and how late is known'(target: Target) {
    const figures = await fanOut(PACED, { job: PACED, target, timing })
    expectAllDelivered(figures)
    expect(figures.p50).toBeGreaterThan(0)
    expect(figures.p99).toBeGreaterThanOrEqual(figures.p50 as number)
  },
  async 'brings what is said at one process to another, and what that one costs is known'(target: Target) {
    const figures = await fanOut(APART, { job: APART, target, timing })
    expectAllDelivered(figures)
    if (process.platform !== 'linux') return
    expect(figures.listenersMicros).toBeGreaterThan(0)
    expect(figures.listenersMicros).toBeLessThan(figures.cpuMicros as number)
  },
  async 'lets pairs hear each other and nobody else'(target: Target) {
    expectAllDelivered(await fanOut(PAIRS, { job: PAIRS, target, timing }))
  },
  async 'keeps idle connections, and their cost is known'(target: Target) {
    const job = { kind: 'idle', connections: 3, before: 1 } as const
    const figures = await idle(job, { job, target, timing })
    if (process.platform === 'linux') expect(figures.connectMicros).toBeGreaterThan(0)
  },
  async 'answers requests with what the client says to each'(target: Target) {
    const job = { kind: 'relay', connections: 2 } as const
    expectAllDelivered(await relay(job, { job, target, timing }))
  },
  async 'answers log-ins with a token'(target: Target) {
    const job = { kind: 'log-in', connections: 2 } as const
    // Each takes a hash, which takes its time where the machine is busy.
    const order = { job, target, timing: { ...timing, seconds: 1 } }
    expect((await logIn(job, order)).perSecond).toBeGreaterThan(0)
  },
}

type Promised = keyof typeof PROMISES
const FIT: Promised = 'does for the SDK what it is measured at'
const SATURATED: Promised = 'delivers everything to a room, saturated'
const AT_A_PACE: Promised = 'delivers everything to a room at a pace, and how late is known'
const ACROSS: Promised = 'brings what is said at one process to another, and what that one costs is known'
const IN_PAIRS: Promised = 'lets pairs hear each other and nobody else'
const IDLE: Promised = 'keeps idle connections, and their cost is known'
const RELAYS: Promised = 'answers requests with what the client says to each'
const LOGS_IN: Promised = 'answers log-ins with a token'

interface Case {
  name: SubjectName
  promises: Promised[]
  how?: string
  variant?: Variant
  job?: Job
  impossible?: boolean
}

const noServers = findServer('redis-server') === undefined || findServer('postgres') === undefined

const CASES: Case[] = [
  { name: 'chat', promises: [FIT, SATURATED, AT_A_PACE, IDLE, LOGS_IN] },
  { name: 'chat', how: 'with limits', variant: { limits: 'on' }, promises: [FIT, AT_A_PACE] },
  {
    name: 'chat',
    how: 'twice',
    variant: { processes: 2 },
    promises: [FIT, SATURATED, ACROSS],
    impossible: noServers,
  },
  { name: 'channels', promises: [FIT, SATURATED, AT_A_PACE] },
  { name: 'ide', promises: [FIT, IN_PAIRS], job: PAIRS },
  { name: 'relay', promises: [FIT, RELAYS] },
  { name: 'bare-relay', promises: [RELAYS] },
  { name: 'uws', promises: [SATURATED, AT_A_PACE, IN_PAIRS, IDLE] },
  { name: 'ws-collect', promises: [SATURATED, AT_A_PACE, IN_PAIRS] },
  { name: 'ws-naive', promises: [SATURATED, AT_A_PACE, IDLE] },
  { name: 'socket.io', promises: [SATURATED, AT_A_PACE, IN_PAIRS, IDLE] },
  { name: 'peerjs', promises: [IN_PAIRS, IDLE] },
  { name: 'ngircd', promises: [SATURATED, AT_A_PACE] },
]

async function start({ name, variant = {}, job = ROOM }: Case): Promise<RunningSubject> {
  const subject = SUBJECTS[name]
  if ('measure' in subject) throw new Error(`${name} is no server`)
  return subject.start({ cores: undefined, installation, job, variant })
}

const missing = ({ name, impossible = false }: Case): boolean =>
  impossible || SUBJECTS[name].missing() !== undefined

for (const one of CASES) {
  describe.skipIf(missing(one))([one.name, one.how].filter(Boolean).join(', '), () => {
    let running: RunningSubject
    beforeAll(async () => {
      running = await start(one)
    })
    afterAll(() => running[Symbol.asyncDispose]())
    test.each(one.promises)('%s', (promised) => PROMISES[promised](running.target, one.name))
  })
}

test('each of ours is checked once for each way in which the loads want it, peers are not', () => {
  const loads = ['sat200', 'sat1000', 'rate20', 'relay32', 'limits20', 'redis2', 'redis2x1000'] as const
  const names = setUpsOf({ loads, subjects: new Set(['chat', 'channels', 'relay', 'ws-naive'] as const) })
  expect(names.map(({ name }) => name)).toEqual([
    'chat',
    'channels',
    'relay',
    'chat with limits',
    'chat in 2 processes',
  ])
})

test.skipIf(noServers)(
  'processes that do not hear each other are found out before anything is measured',
  async () => {
    const start = () => installation.run('channels', { core: undefined })
    await using first = await start()
    await using second = await start()
    const found = check('channels', [first.port, second.port])
    await expect(found).rejects.toThrow(Unfit)
    await expect(found).rejects.toThrow(
      /^both are known to be there: \["alice-\w+"\] instead of \["alice-\w+","bob-\w+"\]$/,
    )
  },
)

test('a bare hash says how many it does', async () => {
  const { perSecond } = await SUBJECTS['bare-argon2'].measure(timing, undefined)
  expect(perSecond).toBeGreaterThan(0)
})

test('the generator is a process of its own, and says when it is refused', async () => {
  await using running = await start({ name: 'ws-collect', promises: [] })
  const order = { job: ROOM, target: running.target, timing }
  expectAllDelivered(await generate(order, undefined))
  await running[Symbol.asyncDispose]()
  await expect(generate(order, undefined)).rejects.toThrow('connect ECONNREFUSED')
})
