/**
 * Runs `pass`, which must not reject, one at a time. Calls during one are answered by one more that starts after it, so
 * that who calls knows: what he did before the call was seen.
 */
export function coalesce(pass: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= running.then(() => {
      next = undefined
      running = pass()
      return running
    })
    return next
  }
}
