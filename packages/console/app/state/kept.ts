import { effect, type Signal, signal } from '@preact/signals'

const PREFIX = 'kept:'
/** Most names of one kind. */
const NAMES_MAX = 30

function read(key: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(PREFIX + key) ?? '[]')
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}

/** Names that this tab remembers, newest first: the services have no list of rooms to ask for. */
export interface Kept {
  readonly names: Signal<readonly string[]>
  add(name: string): void
  remove(name: string): void
}

export function keep(key: string): Kept {
  const names = signal(read(key))
  effect(() => sessionStorage.setItem(PREFIX + key, JSON.stringify(names.value)))
  const others = (name: string) => names.peek().filter((one) => one !== name)
  return {
    names,
    add: (name) => {
      if (!names.peek().includes(name)) names.value = [name, ...others(name)].slice(0, NAMES_MAX)
    },
    remove: (name) => {
      names.value = others(name)
    },
  }
}
