const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
  })

/** Calls `ask` now and `everyMs` after each answer, while somebody looks at the page, until the signal ends it. */
export async function poll(everyMs: number, signal: AbortSignal, ask: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    if (document.visibilityState === 'visible') await ask().catch(() => {})
    await wait(everyMs, signal)
  }
}
