import { DirectoryAway } from './errors.ts'

/** Places for so many at once; the others wait in line. */
export interface Turns {
  /**
   * Takes a place until the answer is called.
   * @throws DirectoryAway where as many wait already as may, or the signal aborts first
   */
  take(signal: AbortSignal): Promise<() => void>
}

export function turns({ atOnce, waiting }: { atOnce: number; waiting: number }): Turns {
  const line: (() => void)[] = []
  let free = atOnce

  function leave(): void {
    const next = line.shift()
    // Whoever leaves hands the place over.
    if (next) next()
    else free++
  }

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = () => {
        line.splice(line.indexOf(called), 1)
        reject(new DirectoryAway('too many wait for it'))
      }
      const called = () => {
        signal.removeEventListener('abort', gone)
        resolve()
      }
      line.push(called)
      signal.addEventListener('abort', gone, { once: true })
    })
  }

  return {
    async take(signal) {
      if (free > 0) free--
      else if (line.length >= waiting || signal.aborted) throw new DirectoryAway('too many wait for it')
      else await wait(signal)
      let left = false
      return () => {
        if (!left) leave()
        left = true
      }
    },
  }
}
