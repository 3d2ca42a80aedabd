import { type Bound, GOALS } from '../goals.ts'
import { LOAD_NAMES, type LoadName, loadOf } from '../loads.ts'
import type { Run } from '../rounds.ts'
import { generatorCost } from './generator-cost.ts'
import { loadTable } from './load-table.ts'
import { digits, table } from './markdown.ts'
import { type Ratio, ratioOf } from './ratios.ts'

export interface Circumstances {
  date: Date
  machine: string
  node: string
  database: string
  cores: string
  rounds: number
  seconds: number
  warmUpSeconds: number
  /** What the figures suffer from. */
  caveats: readonly string[]
  /** Name and version of each that was measured. */
  versions: ReadonlyMap<string, string>
  /** Who could not run here, and why. */
  leftOut: ReadonlyMap<string, string>
}

const bound = (one: Bound | undefined): string => {
  if (one === undefined) return '–'
  return 'most' in one ? `≤ ${digits(one.most)}` : `≥ ${digits(one.least)}`
}

function ratioRow({ goal, spread, standing }: Ratio): string[] {
  const unit = goal.unit ? ` ${goal.unit.name}` : ''
  const figures = spread ? [spread.min, spread.median, spread.max].map(digits) : ['', '', '']
  return [goal.work + (unit && `,${unit}`), ...figures, bound(goal.goal), bound(goal.floor), standing]
}

/** The ratios that count, each of ours divided by the peer in the same round. */
export function ratioTable(runs: readonly Run[]): string {
  const loads = new Set(runs.map(({ load }) => load))
  const rows = GOALS.filter(({ ours }) => loads.has(ours.load)).map((goal) => ratioRow(ratioOf(goal, runs)))
  return table(['ours, over', 'min', 'median', 'max', 'goal', 'floor', ''], rows)
}

const HOW = `CPU is what all threads of the server were on a core (\`/proc/<pid>/task/*/schedstat\`), for each delivery (request,
log-in) in the measured seconds; where it is shared by two processes, that of both. Before anybody speaks, each server
that is a Node collects what connecting left behind, which would else fall into some runs and not into others. Ratios
are taken within a round, then their median. Every text has 88 characters; \`bytes\` are what a delivery takes on the
wire. Latency counts from when a message was due. "a read": deliveries that one read of one connection brought, that
is how far the server collects. Memory is the growth of \`VmRSS\`, after a full collection where the server is a Node.
The generator is a Node on a core of its own and measures its own CPU: where \`generator use\` is below \`server use\`, it
costs less than the server that it drives; near 1.00 it, not the server, bounds what is delivered a second, and the
CPU of each delivery still counts. "wrong": deliveries that were lost, came twice, out of order or to somebody else;
each one is checked.`

const list = (entries: Iterable<readonly [string, string]>): string =>
  [...entries].map(([name, text]) => `- ${name}: ${text}`).join('\n')

/** One section a load that ran, in the order of the loads. */
function loadSections(runs: readonly Run[]): string[] {
  const ran = new Set(runs.map(({ load }) => load))
  return LOAD_NAMES.filter((name) => ran.has(name)).map(
    (name: LoadName) => `### ${name}: ${loadOf(name).title}\n\n${loadTable(name, runs)}`,
  )
}

function failures(runs: readonly Run[]): string[] {
  const failed = runs.flatMap(({ load, subject, round, result }) =>
    'error' in result ? [[`${load}, ${subject}, round ${round}`, result.error] as const] : [],
  )
  return failed.length === 0 ? [] : [`## Failed runs\n\n${list(failed)}`]
}

export function report(runs: readonly Run[], circumstances: Circumstances): string {
  const { date, machine, node, database, cores, rounds, seconds, warmUpSeconds } = circumstances
  const { caveats, versions, leftOut } = circumstances
  const facts: [string, string][] = [
    ['machine', machine],
    ['cores', cores],
    ['Node', node],
    ['our database', database],
    [
      'rounds',
      `${rounds}, interleaved; ${seconds} s measured after ${warmUpSeconds} s, every server started anew`,
    ],
    ...caveats.map((caveat): [string, string] => ['but', caveat]),
    ...[...leftOut].map(([name, why]): [string, string] => [`LEFT OUT ${name}`, why]),
  ]
  const sections = [
    `# Beside its peers, ${date.toISOString().slice(0, 10)}`,
    'Made by `pnpm bench`; nothing here is written by hand.',
    list(facts),
    `## Against the goals\n\n${ratioTable(runs)}`,
    HOW,
    generatorCost(runs),
    ['## The loads', ...loadSections(runs)].join('\n\n'),
    ...failures(runs),
    `## Versions\n\n${list(versions)}`,
  ]
  return `${sections.join('\n\n')}\n`
}
