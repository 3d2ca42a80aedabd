import { isHidden } from './wake.ts'

export interface SilenceOptions {
  /** How long nothing may come before it is asked, milliseconds. */
  quietMs: number
  /** How long after that, milliseconds. */
  replyMs: number
  /**
   * Makes the other side say something, or finds out elsewhere that there is nothing that it should have said (`true`).
   * A page gets no ping and no pong to see: only what is said tells that a connection lives.
   */
  ask(): Promise<boolean> | undefined
  onDead(): void
}

export interface Silence {
  /** Something came. */
  heard(): void
  /** Asks at once, because something happened that connections do not survive. */
  ask(): void
  stop(): void
}

/** Notices a connection over which nothing comes any more and that nobody has closed. */
export function watchSilence({ quietMs, replyMs, ask, onDead }: SilenceOptions): Silence {
  let heardAt = Date.now()
  let asked = false
  let timer = setTimeout(check, quietMs)

  function wait(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(check, ms)
  }
  function heard(): void {
    heardAt = Date.now()
    if (asked) wait(quietMs)
    asked = false
  }
  function askNow(): void {
    if (asked) return
    asked = true
    wait(replyMs)
    void ask()?.then((isWell) => isWell && heard())
  }
  function check(): void {
    const left = heardAt + quietMs - Date.now()
    if (asked) onDead()
    else if (left > 0) wait(left)
    // Nobody sees what is missing; when the page is seen again, it is asked.
    else if (isHidden()) wait(quietMs)
    else askNow()
  }
  return { heard, ask: askNow, stop: () => clearTimeout(timer) }
}
