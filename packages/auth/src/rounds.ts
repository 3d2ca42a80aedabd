interface Asked<T, R> {
  question: T
  resolve(answer: R): void
  reject(error: unknown): void
}

/** Questions of one round. */
const ROUND_MAX = 1000
/** Between the beginnings of two rounds: a question that comes alone waits for nothing, many at once share a round. */
const ROUND_MS = 5

/**
 * Asks what one turn of the event loop brings together, and what comes until that is answered, and until 5 ms after it
 * was asked, in the next round. Nobody gets an answer to a round that began before he asked.
 *
 * @param askAll answers in the order of the questions
 */
export function inRounds<T, R>(askAll: (questions: T[]) => Promise<R[]>): (question: T) => Promise<R> {
  let waiting: Asked<T, R>[] = []
  let isAsking = false
  let nextAt = 0

  async function ask(): Promise<void> {
    isAsking = true
    while (waiting.length > 0) {
      // Many who connect at once come in one turn of the event loop.
      await nextTurn(nextAt - performance.now())
      nextAt = performance.now() + ROUND_MS
      const round = waiting.slice(0, ROUND_MAX)
      waiting = waiting.slice(ROUND_MAX)
      try {
        const answers = await askAll(round.map(({ question }) => question))
        for (const [i, { resolve }] of round.entries()) resolve(answers[i] as R)
      } catch (error) {
        for (const { reject } of round) reject(error)
      }
    }
    isAsking = false
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      if (!isAsking) void ask()
    })
}

const nextTurn = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    if (ms > 0) setTimeout(resolve, ms)
    else setImmediate(resolve)
  })
