import type { Run } from '../rounds.ts'
import { spreadOf } from '../statistics.ts'
import { digits } from './markdown.ts'

interface Cost {
  name: string
  server: number
  generator: number
}

function costOf(name: string, runs: readonly Run[]): Cost[] {
  const figures = runs.flatMap(({ result }) => ('figures' in result ? [result.figures] : []))
  const server = spreadOf(figures.flatMap(({ cpuMicros }) => cpuMicros ?? []))
  const generator = spreadOf(figures.flatMap(({ generatorMicros }) => generatorMicros ?? []))
  return server && generator ? [{ name, server: server.median, generator: generator.median }] : []
}

/** Says where the generator cost less than the server that it drove, and names where it did not. */
export function generatorCost(runs: readonly Run[]): string {
  const groups = Map.groupBy(runs, ({ load, subject }) => `${load} ${subject}`)
  const costs = [...groups].flatMap(([name, own]) => costOf(name, own))
  const dearer = costs.filter(({ server, generator }) => generator > server)
  const cheaper = `The generator cost less CPU than the server in ${costs.length - dearer.length} of ${costs.length} rows`
  if (dearer.length === 0) return `${cheaper}.`
  const named = dearer.map(
    ({ name, server, generator }) => `${name} (${digits(generator)} against ${digits(server)} µs)`,
  )
  return `${cheaper}; not in ${named.join(', ')}.`
}
