import { parseArgs } from 'node:util'
import { LOAD_NAMES, LOADS, type LoadName } from './loads.ts'
import { SUBJECTS, type SubjectName } from './subjects/subjects.ts'

export interface Options {
  loads: readonly LoadName[]
  subjects: readonly SubjectName[]
  rounds: number
  seconds: number
  warmUpSeconds: number
  embedded: boolean
  /** Where V8's profiles of our services go. */
  profile: string | undefined
  /** Where the report goes; `undefined`: to the terminal alone. */
  out: string | undefined
}

/** One line that says what an option takes. */
export class UsageError extends Error {
  override name = 'UsageError'
}

const NAMES = Object.keys(SUBJECTS) as SubjectName[]

export const HELP = `pnpm bench [options]: the services beside their peers, in one run on one machine

  --loads a,b      only these loads
  --peers a,b      only these peers, beside ours; none: ours alone
  --ours a,b       only these of ours; none: peers alone
  --rounds N       interleaved rounds (3)
  --seconds N      measured for each run (3); --warm-up N before that (1.5)
  --embedded       PGlite for our services, also where PostgreSQL is installed
  --out FILE       the report; that of everything, in three rounds or more, goes to infra/bench/RESULTS.md
  --profile DIR    V8's profiles of our services, for a flame graph; they cost, so no report is kept
  --help

loads:
${LOAD_NAMES.map((name) => `  ${name.padEnd(13)}${LOADS[name].title}`).join('\n')}

ours: chat, channels, ide, relay
peers: ${NAMES.filter((name) => !isOurs(name)).join(', ')}`

function isOurs(name: SubjectName): boolean {
  return name === 'chat' || name === 'channels' || name === 'ide' || name === 'relay'
}

function choose<T extends string>(flag: string, raw: string | undefined, known: readonly T[]): readonly T[] {
  if (raw === undefined) return known
  if (raw === 'none') return []
  return raw.split(',').map((item) => {
    const found = known.find((one) => one === item)
    if (found === undefined) throw new UsageError(`--${flag} takes ${known.join(', ')}, not "${item}"`)
    return found
  })
}

function positive(flag: string, raw: string | undefined, fallback: number, whole: boolean): number {
  if (raw === undefined) return fallback
  const value = Number(raw)
  if (!(value > 0) || (whole && !Number.isInteger(value)))
    throw new UsageError(`--${flag} takes a ${whole ? 'whole ' : ''}number above 0, not "${raw}"`)
  return value
}

/** `defaultOut`: where the report of everything goes. `'help'` where that was asked for. */
export function readOptions(args: readonly string[], defaultOut: string): Options | 'help' {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  let values: ReturnType<typeof parse>
  const parse = () =>
    parseArgs({
      args: [...args],
      options: {
        loads: text,
        peers: text,
        ours: text,
        rounds: text,
        seconds: text,
        'warm-up': text,
        out: text,
        profile: text,
        embedded: flag,
        help: flag,
      },
    }).values
  try {
    values = parse()
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; --help names the options`)
  }
  if (values.help) return 'help'
  const { loads, peers, ours } = values
  const rounds = positive('rounds', values.rounds, 3, true)
  const chosen = [loads, peers, ours, values.profile].some((one) => one !== undefined)
  return {
    loads: choose('loads', loads, LOAD_NAMES),
    subjects: [
      ...choose('ours', ours, NAMES.filter(isOurs)),
      ...choose(
        'peers',
        peers,
        NAMES.filter((name) => !isOurs(name)),
      ),
    ],
    rounds,
    seconds: positive('seconds', values.seconds, 3, false),
    warmUpSeconds: positive('warm-up', values['warm-up'], 1.5, false),
    embedded: values.embedded ?? false,
    profile: values.profile,
    out: values.out ?? (chosen || rounds < 3 ? undefined : defaultOut),
  }
}
