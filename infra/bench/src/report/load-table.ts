import type { Figures } from '../load/jobs.ts'
import type { LoadName } from '../loads.ts'
import type { Run } from '../rounds.ts'
import { spreadOf } from '../statistics.ts'
import { digits, table } from './markdown.ts'

type FigureName = Exclude<keyof Figures, 'check'>

interface Column {
  title: string
  figure: FigureName
  /** What one of it is. */
  size?: number
  /** With the least and the most of the rounds. */
  spread?: boolean
}

const COLUMNS: readonly Column[] = [
  { title: 'CPU µs', figure: 'cpuMicros', spread: true },
  { title: "listeners' process µs", figure: 'listenersMicros', spread: true },
  { title: 'a second', figure: 'perSecond', spread: true },
  { title: 'p50 ms', figure: 'p50' },
  { title: 'p99 ms', figure: 'p99', spread: true },
  { title: 'generator µs', figure: 'generatorMicros' },
  { title: 'server use', figure: 'serverUse' },
  { title: 'generator use', figure: 'generatorUse' },
  { title: 'a read', figure: 'perRead' },
  { title: 'bytes', figure: 'bytesPerDelivery' },
  { title: 'KiB a connection', figure: 'connectionBytes', size: 1024, spread: true },
  { title: 'before collecting', figure: 'uncollectedBytes', size: 1024 },
  { title: 'connect µs', figure: 'connectMicros', spread: true },
]

const figuresOf = (runs: readonly Run[]): Figures[] =>
  runs.flatMap(({ result }) => ('figures' in result ? [result.figures] : []))

function cell(figures: readonly Figures[], { figure, size = 1, spread = false }: Column): string {
  const values = figures.flatMap((one) => one[figure] ?? [])
  const found = spreadOf(values.map((value) => value / size))
  if (found === undefined) return ''
  const range = spread && values.length > 1 ? ` (${digits(found.min)} to ${digits(found.max)})` : ''
  return digits(found.median) + range
}

/** `0`, or what went wrong with deliveries in all rounds together. */
function wrong(runs: readonly Run[]): string {
  const failed = runs.filter(({ result }) => 'error' in result).length
  const totals = new Map<string, number>([['failed runs', failed]])
  for (const { check } of figuresOf(runs)) {
    if (check === undefined) continue
    const { lost, doubled, misordered, foreign } = check
    for (const [name, count] of Object.entries({ lost, doubled, misordered, foreign }))
      totals.set(name, (totals.get(name) ?? 0) + count)
  }
  const found = [...totals].filter(([, count]) => count > 0)
  return found.length === 0 ? '0' : found.map(([name, count]) => `${name}: ${count}`).join(', ')
}

/** Every subject of a load, cheapest first; columns that nobody has are left out. */
export function loadTable(load: LoadName, runs: readonly Run[]): string {
  const bySubject = Map.groupBy(
    runs.filter((run) => run.load === load),
    ({ subject }) => subject,
  )
  const all = figuresOf([...bySubject.values()].flat())
  const columns = COLUMNS.filter(({ figure }) => all.some((one) => one[figure] !== undefined))
  const cost = (own: readonly Run[]): number =>
    spreadOf(figuresOf(own).flatMap((one) => one.cpuMicros ?? one.connectMicros ?? []))?.median ?? Infinity
  const rows = [...bySubject]
    .sort(([, a], [, b]) => cost(a) - cost(b))
    .map(([subject, own]) => [subject, ...columns.map((column) => cell(figuresOf(own), column)), wrong(own)])
  return table(['', ...columns.map(({ title }) => title), 'wrong'], rows)
}
