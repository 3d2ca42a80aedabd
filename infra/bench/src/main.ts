import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOurs, Unfit } from './checks/check-ours.ts'
import type { Figures } from './load/jobs.ts'
import { lookAround } from './look-around.ts'
import { type Cores, caveats, describeMachine, pinCores } from './machine.ts'
import { HELP, type Options, readOptions, UsageError } from './options.ts'
import { digits } from './report/markdown.ts'
import { ratioTable, report } from './report/report.ts'
import { measure, type Plan, type Run, runsOf } from './rounds.ts'
import { openInstallation } from './subjects/installation.ts'
import { SUBJECTS } from './subjects/subjects.ts'

const RESULTS = fileURLToPath(new URL('../RESULTS.md', import.meta.url))

class Interrupted extends Error {}

/** Rejects at the first SIGINT or SIGTERM, so that databases are stopped and folders removed; the second one ends it at once. */
const interrupted = new Promise<never>((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Interrupted(`${signal}, so there is no result`)))
})
interrupted.catch(() => {})

const show = (figures: Figures): string =>
  [
    figures.cpuMicros !== undefined && `${digits(figures.cpuMicros)} µs`,
    figures.perSecond !== undefined && `${digits(figures.perSecond)}/s`,
    figures.p99 !== undefined && `p99 ${digits(figures.p99)} ms`,
    figures.connectionBytes !== undefined && `${digits(figures.connectionBytes / 1024)} KiB a connection`,
    figures.connectMicros !== undefined && `${digits(figures.connectMicros)} µs to connect`,
    figures.generatorUse !== undefined &&
      `use ${digits(figures.serverUse ?? Number.NaN)} server ${digits(figures.generatorUse)} generator`,
  ]
    .filter((part) => part !== false)
    .join(', ')

async function runAll(plan: Plan, { embedded, profile }: Options, cores: Cores) {
  await using installation = await openInstallation({ embedded, profile })
  const fit = await Promise.race([checkOurs(plan, { cores, installation }), interrupted])
  if (fit.length > 0) console.log(`do what they are measured at: ${fit.join('; ')}`)
  const all = runsOf(plan)
  const runs: Run[] = []
  for (const [i, next] of all.entries()) {
    process.stdout.write(`${i + 1}/${all.length} round ${next.round} ${next.load} ${next.subject}: `)
    const measured = measure(next, plan, { cores, installation }).then(
      (figures) => ({ figures }),
      (error: unknown) => ({ error: (error as Error).message }),
    )
    const result = await Promise.race([measured, interrupted])
    console.log('figures' in result ? show(result.figures) : `FAILED, ${result.error}`)
    runs.push({ ...next, result })
  }
  return { runs, database: installation.database }
}

const describeCores = (cores: Cores): string =>
  cores
    ? `servers on ${cores.server}, generator on ${cores.generator}, databases and buses on ${cores.others}`
    : 'not pinned'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), RESULTS)
  if (options === 'help') {
    console.log(HELP)
    return
  }
  const { leftOut, ...able } = lookAround(options)
  for (const [name, why] of leftOut) console.error(`!! ${name} is LEFT OUT: ${why}`)
  const cores = pinCores()
  for (const caveat of caveats(cores)) console.error(`!! ${caveat}`)
  const plan: Plan = { ...options, ...able }
  const { runs, database } = await runAll(plan, options, cores)
  const ran = new Set(runs.map(({ subject }) => subject))
  console.log(`\n${ratioTable(runs)}`)
  if (options.out === undefined) return
  const text = report(runs, {
    date: new Date(),
    machine: describeMachine(),
    node: process.version,
    database,
    cores: describeCores(cores),
    rounds: options.rounds,
    seconds: options.seconds,
    warmUpSeconds: options.warmUpSeconds,
    caveats: caveats(cores),
    versions: new Map([...ran].map((name) => [name, SUBJECTS[name].version()])),
    leftOut,
  })
  await writeFile(options.out, text)
  console.log(`\nThe whole report is in ${relative(process.cwd(), options.out)}`)
}

try {
  await main()
} catch (error) {
  const { message, stack } = error as Error
  const expected = [UsageError, Interrupted, Unfit].some((kind) => error instanceof kind)
  console.error(`bench: ${expected ? message : stack}`)
  // What an interrupted run had started goes with this process.
  process.exit(1)
}
