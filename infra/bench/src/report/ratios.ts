import type { Bound, Goal, Measured } from '../goals.ts'
import type { Run } from '../rounds.ts'
import { type Spread, spreadOf } from '../statistics.ts'

/** Which of the two bounds the median keeps. What delivers wrongly keeps none. */
type Standing = 'goal met' | 'floor met' | 'missed' | 'WRONG DELIVERIES' | 'not measured' | 'no goal'

export interface Ratio {
  goal: Goal
  /** Of the rounds, each divided within itself. */
  spread: Spread | undefined
  standing: Standing
}

const keeps = (value: number, bound: Bound | undefined): boolean =>
  bound !== undefined && ('most' in bound ? value <= bound.most : value >= bound.least)

function isWrong({ result }: Run): boolean {
  if ('error' in result || result.figures.check === undefined) return false
  const { lost, doubled, misordered, foreign } = result.figures.check
  return lost + doubled + misordered + foreign > 0
}

function standingOf({ goal, floor, ours }: Goal, spread: Spread | undefined, runs: readonly Run[]): Standing {
  if (spread === undefined) return 'not measured'
  const own = runs.filter(({ load, subject }) => load === ours.load && subject === ours.subject)
  if (own.some(isWrong)) return 'WRONG DELIVERIES'
  if (goal === undefined && floor === undefined) return 'no goal'
  if (keeps(spread.median, goal)) return 'goal met'
  return keeps(spread.median, floor) ? 'floor met' : 'missed'
}

/** A figure by round. */
function figuresOf(runs: readonly Run[], { load, subject, figure }: Measured): Map<number, number> {
  const found = new Map<number, number>()
  for (const run of runs) {
    if (run.load !== load || run.subject !== subject || 'error' in run.result) continue
    const value = run.result.figures[figure]
    if (value !== undefined) found.set(run.round, value)
  }
  return found
}

export function ratioOf(goal: Goal, runs: readonly Run[]): Ratio {
  const ours = figuresOf(runs, goal.ours)
  const by = goal.by && figuresOf(runs, goal.by)
  const values = [...ours].flatMap(([round, value]) => {
    const divisor = by ? by.get(round) : (goal.unit?.size ?? 1)
    return divisor === undefined ? [] : [value / divisor]
  })
  const spread = spreadOf(values)
  return { goal, spread, standing: standingOf(goal, spread, runs) }
}
