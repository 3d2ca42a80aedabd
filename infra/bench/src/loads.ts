import type { FanOutJob, Job, Pace } from './load/jobs.ts'
import type { Variant } from './subjects/subject.ts'
import type { SubjectName } from './subjects/subjects.ts'

export interface Load {
  title: string
  job: Job
  subjects: readonly SubjectName[]
  /** How ours run in it. */
  variant?: Variant
  /** Seconds after everyone is connected; default: half of one. */
  settleSeconds?: number
}

const PUBLISHERS = 4
const SATURATED = { inFlight: 16 }

const room = (listeners: number, pace: Pace): FanOutJob => ({
  kind: 'fan-out',
  listeners,
  publishers: PUBLISHERS,
  groups: 1,
  pace,
})

const PAIRS = 500

/** What is measured, by name. Peers that do not belong into a load, or do not finish it, are not in it. */
export const LOADS = {
  sat200: {
    title: 'one room of 200, saturated: 4 publishers, 16 messages in flight',
    job: room(200, SATURATED),
    subjects: ['chat', 'uws', 'ws-collect', 'socket.io'],
  },
  sat1000: {
    title: 'one room of 1,000, saturated: 4 publishers, 16 messages in flight',
    job: room(1000, SATURATED),
    subjects: ['chat', 'channels', 'uws', 'ws-collect', 'ws-naive', 'socket.io', 'ngircd'],
  },
  sat5000: {
    title: 'one room of 5,000, saturated: 4 publishers, 16 messages in flight',
    job: room(5000, SATURATED),
    subjects: ['chat', 'uws', 'ws-collect', 'socket.io'],
  },
  rate20: {
    title: '20 messages/s to 1,000',
    job: room(1000, { perSecond: 20 }),
    subjects: ['chat', 'channels', 'uws', 'ws-collect', 'ws-naive', 'socket.io', 'ngircd'],
  },
  limits20: {
    title: '20 messages/s to 1,000, with LIMITS=on',
    job: room(1000, { perSecond: 20 }),
    subjects: ['chat'],
    variant: { limits: 'on' },
  },
  rate100: {
    title: '100 messages/s to 1,000',
    job: room(1000, { perSecond: 100 }),
    subjects: ['chat', 'uws', 'ws-collect', 'ws-naive', 'socket.io'],
  },
  rate300: {
    title: '300 messages/s to 1,000',
    job: room(1000, { perSecond: 300 }),
    subjects: ['chat', 'uws', 'ws-collect', 'ws-naive', 'socket.io'],
  },
  pairs: {
    title: 'A to B, 500 pairs, saturated: 256 messages in flight',
    job: { kind: 'fan-out', listeners: PAIRS, publishers: PAIRS, groups: PAIRS, pace: { inFlight: 256 } },
    subjects: ['ide', 'uws', 'ws-collect', 'peerjs', 'socket.io'],
  },
  idle5000: {
    title: '5,000 idle connections, after 500 that are not counted',
    job: { kind: 'idle', connections: 5000, before: 500 },
    subjects: ['chat', 'uws', 'ws-naive', 'socket.io', 'peerjs'],
    settleSeconds: 2,
  },
  redis2: {
    title: 'one room of 1,000, half of it at each of two processes through Redis, saturated',
    job: room(1000, SATURATED),
    subjects: ['chat'],
    variant: { processes: 2 },
  },
  redis2apart: {
    title: 'one room of 1,000 at one process, who speaks at another, through Redis, saturated',
    job: { ...room(1000, SATURATED), apart: true },
    subjects: ['chat'],
    variant: { processes: 2 },
  },
  redis2x1000: {
    title:
      'one room of 2,000, half of it at each of two processes through Redis, saturated as one is: 32 messages in flight',
    job: room(2000, { inFlight: 2 * SATURATED.inFlight }),
    subjects: ['chat'],
    variant: { processes: 2 },
  },
  relay32: {
    title: 'relayed requests, answered by the client, 32 connections',
    job: { kind: 'relay', connections: 32 },
    subjects: ['relay', 'bare-relay'],
  },
  logins: {
    title: 'log-ins, 8 connections',
    job: { kind: 'log-in', connections: 8 },
    subjects: ['chat', 'bare-argon2'],
  },
} satisfies Record<string, Load>

export type LoadName = keyof typeof LOADS

export const LOAD_NAMES = Object.keys(LOADS) as LoadName[]

/** What a load is for everyone who takes it by a name. */
export const loadOf = (name: LoadName): Load => LOADS[name]
