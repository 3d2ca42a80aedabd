/**
 * Does `work` again and again, `ms` milliseconds after it was done. The answer ends that, and resolves when nothing is
 * under way any more.
 */
export function every(
  ms: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let isStopped = false
  let running = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const arm = () => {
    if (isStopped) return
    timer = setTimeout(() => {
      running = work().catch(onError).then(arm)
    }, ms).unref()
  }
  arm()
  return () => {
    isStopped = true
    clearTimeout(timer)
    return running
  }
}
