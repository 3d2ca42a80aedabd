import type { Figures, Job, Target, Timing } from '../load/jobs.ts'
import type { Cores } from '../machine.ts'
import type { Installation } from './installation.ts'

/** How a load wants a service to run. */
export interface Variant {
  /** Default: off. */
  limits?: 'on'
  /** Processes on one Redis. Default: 1, on none. */
  processes?: number
}

export interface StartContext {
  cores: Cores
  installation: Installation
  /** What they are wanted for. */
  job: Job
  variant: Variant
}

export interface RunningSubject extends AsyncDisposable {
  target: Target
}

interface Named {
  name: string
  /** Name and version of what it is made of. */
  version(): string
  /** Why it cannot run here, or `undefined`. */
  missing(): string | undefined
}

/** A server that is measured. */
export interface Server extends Named {
  start(context: StartContext): Promise<RunningSubject>
}

/** A program that does the work by itself, and says how much of it. */
export interface Program extends Named {
  measure(timing: Timing, cores: Cores): Promise<Figures>
}

export type Subject = Server | Program
