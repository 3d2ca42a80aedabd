/** What becomes of an error that a listener threw and nobody asked for: a process warning, and the process lives on. */
export const warn = (error: unknown): void =>
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
