import type { Result } from '@switchboard/protocol/result'

/** What was meant to go well: its value. */
export function expectOk<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`)
  return result.value
}

/** What was meant to be refused: the error, or its code where it has one. */
export function expectRefused(result: Result<unknown, unknown>): unknown {
  if (result.ok) throw new Error('was not refused')
  const { error } = result
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : error
}
