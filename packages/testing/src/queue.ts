/** Items that a test awaits one by one, in the order they came. */
export class AsyncQueue<T> {
  #items: T[] = []
  #waiting: { take: (item: T) => void; fail: (error: Error) => void }[] = []
  #ended: Error | undefined

  push(item: T): void {
    const first = this.#waiting.shift()
    if (first) first.take(item)
    else this.#items.push(item)
  }

  /** From here on there is nothing more: whoever waits is told why. */
  end(why: Error): void {
    this.#ended = why
    for (const { fail } of this.#waiting.splice(0)) fail(why)
  }

  next(timeoutMs: number, what: string): Promise<T> {
    const item = this.#items.shift()
    if (item !== undefined) return Promise.resolve(item)
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => waiter.fail(new Error(`no ${what} within ${timeoutMs} ms`)), timeoutMs)
      const waiter = {
        take: (value: T) => {
          clearTimeout(timer)
          resolve(value)
        },
        fail: (error: Error) => {
          clearTimeout(timer)
          this.#waiting = this.#waiting.filter((other) => other !== waiter)
          reject(error)
        },
      }
      this.#waiting.push(waiter)
    })
  }

  /** What came and was not awaited yet. */
  drain(): T[] {
    return this.#items.splice(0)
  }
}
