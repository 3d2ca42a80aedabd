/** `on` of everything here that tells of something. `E` maps the names of events to what their listeners get. */
export interface Events<E> {
  /** Calls `listener` at each `event`, until the function that is answered is called. */
  on<K extends keyof E>(event: K, listener: (value: E[K]) => void): () => void
}

export interface Emitter<E> extends Events<E> {
  emit<K extends keyof E>(event: K, value: E[K]): void
}

/** A listener that throws disturbs nobody: its error is the runtime's to report, as with an `EventTarget`. */
export function createEmitter<E>(): Emitter<E> {
  const listeners = new Map<keyof E, Set<(value: never) => void>>()
  return {
    on(event, listener) {
      // Its own identity, so that the same function may listen twice.
      const entry = (value: never) => listener(value)
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(entry))
      return () => void set.delete(entry)
    },
    emit(event, value) {
      for (const listener of listeners.get(event) ?? []) {
        try {
          listener(value as never)
        } catch (error) {
          queueMicrotask(() => {
            throw error
          })
        }
      }
    },
  }
}
