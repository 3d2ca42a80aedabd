/** What a page or a worker has of these, and Node has not. */
interface Surroundings {
  addEventListener?: EventTarget['addEventListener']
  removeEventListener?: EventTarget['removeEventListener']
  navigator?: { onLine?: boolean }
  document?: EventTarget & { visibilityState: string }
}
const here = globalThis as unknown as Surroundings

export const isOffline = (): boolean => here.navigator?.onLine === false
export const isHidden = (): boolean => here.document?.visibilityState === 'hidden'

/**
 * Calls `wake` when there is reason to look at once: the network is back, the page is seen again or comes out of the
 * browser's cache. Answers how to stop it.
 */
export function onWake(wake: () => void): () => void {
  const { document } = here
  const ifSeen = () => isHidden() || wake()
  const happenings: [Pick<Surroundings, 'addEventListener' | 'removeEventListener'>, string, () => void][] = [
    [here, 'online', wake],
    [here, 'pageshow', wake],
  ]
  if (document) happenings.push([document, 'visibilitychange', ifSeen])
  for (const [target, event, listener] of happenings) target.addEventListener?.(event, listener)
  return () => {
    for (const [target, event, listener] of happenings) target.removeEventListener?.(event, listener)
  }
}
