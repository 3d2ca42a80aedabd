/** What could not be done while Redis was away: for each entry and each claim the last that was wanted. */
export class Owed {
  readonly #all = new Map<string, () => Promise<void>>()

  add(kind: Kind, name: string, connection: string, work: () => Promise<void>): void {
    this.#all.set(keyOf(kind, name, connection), work)
  }

  forget(kind: Kind, name: string, connection: string): void {
    this.#all.delete(keyOf(kind, name, connection))
  }

  /** Does it all; rejects with the first that fails, which is still owed then, with those behind it. */
  async settle(): Promise<void> {
    for (const [key, work] of this.#all) {
      await work()
      if (this.#all.get(key) === work) this.#all.delete(key)
    }
  }
}

type Kind = 'entry' | 'claim'

/** Neither of the first two holds a line feed. */
const keyOf = (kind: Kind, name: string, connection: string): string => `${kind}\n${connection}\n${name}`
