import { nameKey, parseUsername } from '@switchboard/protocol/names'

/** Each name once, in its order, with the key of the account that could have it; without one where none could. */
export function keysOf(names: readonly string[]): Map<string, string | undefined> {
  return new Map(names.map((name) => [name, parseUsername(name).ok ? nameKey(name) : undefined]))
}
