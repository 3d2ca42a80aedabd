import { encodeWhereabouts } from '@switchboard/protocol/presence'
import type { Board, Follow } from './board.ts'
import { keysOf } from './names.ts'
import { restrictedIn, whereaboutsOf } from './spots.ts'

/** What one asker is told of people. */
export interface Watcher {
  /** These, and nobody else from now on. */
  watch(names: readonly string[]): void
  stop(): void
}

export interface WatcherOptions {
  board: Board
  /** Of these spaces those that the asker may enter now. Never rejects. */
  openSpaces(spaces: readonly string[]): Promise<ReadonlySet<string>>
  /** To the asker: names with encoded whereabouts. */
  tell(users: readonly (readonly [name: string, whereabouts: string])[]): void
}

const NONE: ReadonlySet<string> = new Set()

/** Tells all of what is watched as soon as all of it is known, then what has changed. */
export function createWatcher({ board, openSpaces, tell }: WatcherOptions): Watcher {
  let names = new Map<string, string | undefined>()
  let follows = new Map<string, Follow>()
  /** What was told last, by name. */
  let told = new Map<string, string>()
  /** Keys of those who were read since they were looked at. */
  const changed = new Set<string>()
  let first = false
  let telling = false

  const due = (): boolean =>
    first ? [...follows.values()].every(({ spots }) => spots !== undefined) : changed.size > 0

  async function lookAt(asked: typeof names): Promise<[string, string][]> {
    const keys = new Set(first ? follows.keys() : changed)
    changed.clear()
    const spots = new Map([...keys].map((key) => [key, follows.get(key)?.spots ?? []]))
    const all = first
    const restricted = restrictedIn([...spots.values()].flat())
    const open = restricted.length > 0 ? await openSpaces(restricted) : NONE
    return [...asked].flatMap(([name, key = '']): [string, string][] =>
      all || keys.has(key) ? [[name, encodeWhereabouts(whereaboutsOf(spots.get(key) ?? [], open))]] : [],
    )
  }

  async function tellWhileDue(): Promise<void> {
    telling = true
    while (due()) {
      const asked = names
      const users = await lookAt(asked)
      // Others are watched by now.
      if (names !== asked) continue
      const news = users.filter(([name, encoded]) => told.get(name) !== encoded)
      for (const [name, encoded] of news) told.set(name, encoded)
      if (first || news.length > 0) tell(news)
      first = false
    }
    telling = false
  }

  function read(key: string): void {
    changed.add(key)
    if (!telling) void tellWhileDue()
  }

  function replace(asked: readonly string[]): void {
    const before = follows
    names = keysOf(asked)
    const keys = new Set([...names.values()].filter((key) => key !== undefined))
    follows = new Map([...keys].map((key) => [key, board.follow(key, () => read(key))]))
    for (const follow of before.values()) follow.stop()
    told = new Map()
    changed.clear()
  }

  return {
    watch(asked) {
      replace(asked)
      first = true
      if (!telling) void tellWhileDue()
    },
    stop() {
      replace([])
      first = false
    },
  }
}
