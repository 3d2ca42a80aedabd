/** For rolldown's `onLog`: what it warns of would be found by whoever installs the package. */
export function failOnWarning(level: string, log: { message: string }): void {
  if (level === 'warn') throw new Error(log.message)
}
