/** Listeners, each called also where another one threw, and each as often as it was added. */
export class Listeners<A extends unknown[]> {
  readonly #all = new Set<{ listener: (...args: A) => void }>()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get size(): number {
    return this.#all.size
  }

  /** Answers how to take it out again. */
  add(listener: (...args: A) => void): () => void {
    const added = { listener }
    this.#all.add(added)
    return () => void this.#all.delete(added)
  }

  tell(...args: A): void {
    for (const { listener } of this.#all)
      try {
        listener(...args)
      } catch (error) {
        this.#onError(error)
      }
  }

  clear(): void {
    this.#all.clear()
  }
}
