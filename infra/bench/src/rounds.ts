import { generate } from './generate.ts'
import type { Figures, Timing } from './load/jobs.ts'
import { type LoadName, loadOf } from './loads.ts'
import type { Cores } from './machine.ts'
import type { Installation } from './subjects/installation.ts'
import type { Subject } from './subjects/subject.ts'
import { SUBJECTS, type SubjectName } from './subjects/subjects.ts'

export interface Run {
  load: LoadName
  subject: SubjectName
  /** From 1. */
  round: number
  result: { figures: Figures } | { error: string }
}

export interface Plan {
  loads: readonly LoadName[]
  /** Those that can run here. */
  subjects: ReadonlySet<SubjectName>
  rounds: number
  warmUpSeconds: number
  seconds: number
}

const SETTLE_SECONDS = 0.5

/** Every run, in order: all loads with all of their subjects, then again, so that a machine's moods are everybody's. */
export function runsOf({ loads, subjects, rounds }: Plan): Omit<Run, 'result'>[] {
  return Array.from({ length: rounds }, (_, i) => i + 1).flatMap((round) =>
    loads.flatMap((load) =>
      loadOf(load)
        .subjects.filter((subject) => subjects.has(subject))
        .map((subject) => ({ load, subject, round })),
    ),
  )
}

/** Starts the subject anew, has the load run against it, and stops it. */
export async function measure(
  run: Pick<Run, 'load' | 'subject'>,
  { warmUpSeconds, seconds }: Plan,
  { cores, installation }: { cores: Cores; installation: Installation },
): Promise<Figures> {
  const { job, variant = {}, settleSeconds = SETTLE_SECONDS } = loadOf(run.load)
  const subject: Subject = SUBJECTS[run.subject]
  const timing: Timing = { warmUpSeconds, seconds, settleSeconds }
  if ('measure' in subject) return subject.measure(timing, cores)
  await using running = await subject.start({ cores, installation, job, variant })
  return await generate({ job, target: running.target, timing }, cores?.generator)
}
