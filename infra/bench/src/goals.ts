import type { Figures } from './load/jobs.ts'
import type { LoadName } from './loads.ts'
import type { SubjectName } from './subjects/subjects.ts'

/** A figure that was measured in each round. */
export interface Measured {
  load: LoadName
  subject: SubjectName
  figure: Exclude<keyof Figures, 'check'>
}

/** The most that it may be, or the least where more is better. */
export type Bound = { most: number } | { least: number }

export interface Goal {
  work: string
  ours: Measured
  /** What ours is divided by; absent where the figure itself counts. */
  by?: Measured
  /** What the figure is in, where it is not divided. */
  unit?: { name: string; size: number }
  goal: Bound | undefined
  floor: Bound | undefined
}

const cpu = (load: LoadName, subject: SubjectName): Measured => ({ load, subject, figure: 'cpuMicros' })
const KIB = { name: 'KiB', size: 1024 }
const MICROS = { name: 'µs', size: 1 }
const MILLIS = { name: 'ms', size: 1 }

/** CPU of ours over that of a peer in the same load and round. */
const beside = (
  work: string,
  ours: SubjectName,
  load: LoadName,
  peer: SubjectName,
  goal?: Bound,
  floor?: Bound,
) => ({ work, ours: cpu(load, ours), by: cpu(load, peer), goal, floor }) satisfies Goal

/** A delivery where there are two processes, over one where there is one process and no bus. */
const throughRedis = (work: string, ours: Measured): Goal => ({
  work: `${work}, over one process`,
  ours,
  by: cpu('sat1000', 'chat'),
  goal: { most: 1.15 },
  floor: { most: 1.4 },
})

/** What the figures are held against. */
export const GOALS: readonly Goal[] = [
  beside('chat, 1,000 saturated, over uWebSockets', 'chat', 'sat1000', 'uws', { most: 1.2 }),
  beside('chat, 1,000 saturated, over Socket.IO', 'chat', 'sat1000', 'socket.io', undefined, { most: 0.1 }),
  beside('channels, 1,000 saturated, over uWebSockets', 'channels', 'sat1000', 'uws', { most: 1.2 }),
  beside('channels, 1,000 saturated, over ngircd', 'channels', 'sat1000', 'ngircd', undefined, { most: 1 }),
  beside('chat, 20/s to 1,000, over uWebSockets', 'chat', 'rate20', 'uws', { most: 1.3 }),
  beside('chat, 20/s to 1,000, over Socket.IO', 'chat', 'rate20', 'socket.io', undefined, { most: 0.75 }),
  {
    work: 'chat, 20/s to 1,000, LIMITS=on over off',
    ours: cpu('limits20', 'chat'),
    by: cpu('rate20', 'chat'),
    goal: undefined,
    floor: undefined,
  },
  beside('chat, 100/s to 1,000, over uWebSockets', 'chat', 'rate100', 'uws', { most: 0.7 }),
  beside('chat, 100/s to 1,000, over Socket.IO', 'chat', 'rate100', 'socket.io', undefined, { most: 0.5 }),
  {
    work: 'chat, 100/s to 1,000, p99',
    ours: { load: 'rate100', subject: 'chat', figure: 'p99' },
    unit: MILLIS,
    goal: { most: 40 },
    floor: undefined,
  },
  beside('chat, 300/s to 1,000, over uWebSockets', 'chat', 'rate300', 'uws', { most: 1 }),
  {
    work: 'chat, 300/s to 1,000, p99',
    ours: { load: 'rate300', subject: 'chat', figure: 'p99' },
    unit: MILLIS,
    goal: undefined,
    floor: { most: 50 },
  },
  beside('ide, 500 pairs saturated, over uWebSockets', 'ide', 'pairs', 'uws', { most: 1.5 }),
  beside('ide, 500 pairs saturated, over PeerJS server', 'ide', 'pairs', 'peerjs', undefined, { most: 0.8 }),
  {
    work: 'chat, memory of an idle connection',
    ours: { load: 'idle5000', subject: 'chat', figure: 'connectionBytes' },
    unit: KIB,
    goal: { most: 8 },
    floor: { most: 11 },
  },
  {
    work: 'chat, connecting with a token, CPU',
    ours: { load: 'idle5000', subject: 'chat', figure: 'connectMicros' },
    unit: MICROS,
    goal: { most: 130 },
    floor: { most: 200 },
  },
  throughRedis('chat, 1,000 hear through Redis, their process', {
    load: 'redis2apart',
    subject: 'chat',
    figure: 'listenersMicros',
  }),
  throughRedis('chat, 1,000 hear through Redis, both processes', cpu('redis2apart', 'chat')),
  throughRedis('chat, 1,000 at each of two processes through Redis', cpu('redis2x1000', 'chat')),
  {
    work: 'chat, 1,000 divided between two processes, over one process',
    ours: cpu('redis2', 'chat'),
    by: cpu('sat1000', 'chat'),
    goal: undefined,
    floor: undefined,
  },
  beside(
    'relay, a request, over bare node:http + Socket.IO',
    'relay',
    'relay32',
    'bare-relay',
    { most: 1 },
    { most: 1.3 },
  ),
  {
    work: 'log-ins/s, over bare argon2id',
    ours: { load: 'logins', subject: 'chat', figure: 'perSecond' },
    by: { load: 'logins', subject: 'bare-argon2', figure: 'perSecond' },
    goal: { least: 0.95 },
    floor: { least: 0.85 },
  },
  {
    work: 'chat, saturated: 5,000 in a room, over 200',
    ours: cpu('sat5000', 'chat'),
    by: cpu('sat200', 'chat'),
    goal: { most: 1.3 },
    floor: { most: 1.6 },
  },
]
