import { describe, expect, it } from 'vitest'
import { GOALS, type Goal } from '../src/goals.ts'
import type { Figures } from '../src/load/jobs.ts'
import { LOAD_NAMES, type LoadName, loadOf } from '../src/loads.ts'
import { generatorCost } from '../src/report/generator-cost.ts'
import { loadTable } from '../src/report/load-table.ts'
import { ratioOf } from '../src/report/ratios.ts'
import { type Circumstances, report } from '../src/report/report.ts'
import { type Run, runsOf } from '../src/rounds.ts'
import { SUBJECTS, type SubjectName } from '../src/subjects/subjects.ts'

const ran = (load: LoadName, subject: SubjectName, round: number, figures: Figures): Run => ({
  load,
  subject,
  round,
  result: { figures },
})

const GOAL: Goal = {
  work: 'chat over uWebSockets',
  ours: { load: 'sat1000', subject: 'chat', figure: 'cpuMicros' },
  by: { load: 'sat1000', subject: 'uws', figure: 'cpuMicros' },
  goal: { most: 1.2 },
  floor: { most: 2 },
}

/** Chat's cost in each round, uWebSockets' being 1, 2 and 4. */
const rounds = (...costs: number[]): Run[] =>
  costs.flatMap((cost, i) => [
    ran('sat1000', 'chat', i + 1, { cpuMicros: cost }),
    ran('sat1000', 'uws', i + 1, { cpuMicros: 2 ** i }),
  ])

describe('a ratio', () => {
  it('is taken within each round', () => {
    expect(ratioOf(GOAL, rounds(3, 2, 2)).spread).toEqual({ min: 0.5, median: 1, max: 3 })
  })

  it.each([
    ['goal met', [1, 2, 4]],
    ['floor met', [1.5, 3, 6]],
    ['missed', [2.5, 5, 10]],
  ])('is judged by its median: %s', (standing, costs) => {
    expect(ratioOf(GOAL, rounds(...costs)).standing).toBe(standing)
  })

  it('keeps no bound where a delivery was wrong', () => {
    const check = { expected: 2, delivered: 1, lost: 1, doubled: 0, misordered: 0, foreign: 0 }
    const runs = [...rounds(1, 2), ran('sat1000', 'chat', 3, { cpuMicros: 1, check })]
    expect(ratioOf(GOAL, runs).standing).toBe('WRONG DELIVERIES')
  })

  it('leaves out a round in which one of the two failed', () => {
    const runs = rounds(3, 2, 2).filter(({ subject, round }) => subject !== 'uws' || round !== 1)
    expect(ratioOf(GOAL, runs).spread).toEqual({ min: 0.5, median: 0.75, max: 1 })
  })

  it('is not measured without the peer', () => {
    const runs = rounds(1).filter(({ subject }) => subject === 'chat')
    expect(ratioOf(GOAL, runs)).toMatchObject({ spread: undefined, standing: 'not measured' })
  })

  it('may have to be large, and may be a figure in its unit', () => {
    const logIns: Goal = {
      ...GOAL,
      ours: { load: 'idle5000', subject: 'chat', figure: 'connectionBytes' },
      unit: { name: 'KiB', size: 1024 },
      goal: { least: 8 },
    }
    const { by: _, ...absolute } = logIns
    const runs = [ran('idle5000', 'chat', 1, { connectionBytes: 8192 })]
    expect(ratioOf(absolute, runs)).toMatchObject({ spread: { median: 8 }, standing: 'goal met' })
  })
})

describe('the table of a load', () => {
  const check = { expected: 10, delivered: 10, lost: 0, doubled: 0, misordered: 0, foreign: 0 }

  it('has the cheapest first, and what each round together got wrong', () => {
    const text = loadTable('sat1000', [
      ran('sat1000', 'chat', 1, { cpuMicros: 2, check }),
      ran('sat1000', 'uws', 1, { cpuMicros: 1, check: { ...check, lost: 2 } }),
      ran('sat1000', 'uws', 2, { cpuMicros: 3, check: { ...check, lost: 1, doubled: 4 } }),
      { load: 'sat1000', subject: 'ngircd', round: 1, result: { error: 'it ended' } },
    ])
    const cells = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    expect(cells.slice(2).map((row) => row.slice(1, -1))).toEqual([
      ['chat', '2.00', '0'],
      ['uws', '2.00 (1.00 to 3.00)', 'lost: 3, doubled: 4'],
      ['ngircd', '', 'failed runs: 1'],
    ])
  })

  it('has no column that nobody has a figure for', () => {
    const text = loadTable('sat1000', [ran('sat1000', 'chat', 1, { cpuMicros: 2 })])
    expect(text).not.toContain('KiB')
  })
})

describe('the cost of the generator', () => {
  it('is held against that of each server, and told where it is more', () => {
    const runs = [
      ran('sat1000', 'chat', 1, { cpuMicros: 1, generatorMicros: 0.5 }),
      ran('sat1000', 'uws', 1, { cpuMicros: 0.4, generatorMicros: 0.5 }),
      ran('logins', 'bare-argon2', 1, { cpuMicros: 5000 }),
    ]
    expect(generatorCost(runs)).toBe(
      'The generator cost less CPU than the server in 1 of 2 rows; not in sat1000 uws (0.50 against 0.40 µs).',
    )
    expect(generatorCost(runs.slice(0, 1))).toMatch(/in 1 of 1 rows\.$/)
  })
})

describe('the report', () => {
  const circumstances: Circumstances = {
    date: new Date('2026-11-21T12:00:00Z'),
    machine: '2 x a core',
    node: 'v24',
    database: 'PostgreSQL 15',
    cores: 'not pinned',
    rounds: 3,
    seconds: 3,
    warmUpSeconds: 1.5,
    caveats: ['there is one core only'],
    versions: new Map([['chat', 'abc']]),
    leftOut: new Map([['ngircd', 'it is not installed']]),
  }

  it('names the machine, the versions, the date, who is left out and what failed', () => {
    const failed: Run = { load: 'sat1000', subject: 'chat', round: 3, result: { error: 'refused: 503' } }
    const text = report([...rounds(1, 2), failed], circumstances)
    for (const part of [
      '2026-11-21',
      '2 x a core',
      'v24',
      'PostgreSQL 15',
      'there is one core only',
      'LEFT OUT ngircd: it is not installed',
      '- chat: abc',
      '- sat1000, chat, round 3: refused: 503',
      '### sat1000: one room of 1,000',
    ])
      expect(text).toContain(part)
    expect(text).not.toContain('### sat5000')
  })
})

describe('the tables of what is measured', () => {
  it.each(GOALS.flatMap(({ ours, by }) => (by ? [ours, by] : [ours])))(
    '$load measures $subject, which a goal needs',
    ({ load, subject }) => {
      expect(loadOf(load).subjects).toContain(subject)
    },
  )

  it('a round has every load with everyone who can run, and the next one only then begins', () => {
    const subjects = new Set(Object.keys(SUBJECTS) as SubjectName[])
    subjects.delete('ngircd')
    const plan = { loads: LOAD_NAMES, subjects, rounds: 2, warmUpSeconds: 1, seconds: 1 }
    const runs = runsOf(plan)
    const [first, second] = [1, 2].map((round) => runs.filter((run) => run.round === round))
    expect(runs).toEqual([...(first ?? []), ...(second ?? [])])
    expect(first?.map(({ load, subject }) => [load, subject])).toEqual(
      second?.map(({ load, subject }) => [load, subject]),
    )
    expect(first?.some(({ subject }) => subject === 'ngircd')).toBe(false)
    expect(new Set(first?.map(({ load }) => load))).toEqual(new Set(LOAD_NAMES))
  })
})
