import { computed, signal } from '@preact/signals'

export interface Route {
  /** `rooms` of `#/rooms/lobby`; empty on the front page. */
  page: string
  /** `lobby` of `#/rooms/lobby`, decoded. */
  name: string | undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

export const route = computed((): Route => {
  const [, page = '', name] = /^#\/([^/]*)(?:\/(.+))?$/.exec(hash.value) ?? []
  return { page, name: name === undefined ? undefined : decoded(name) }
})

/** For `href`. */
export const linkTo = (page: string, name?: string): string =>
  name === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(name)}`

export function goTo(page: string, name?: string): void {
  location.hash = linkTo(page, name)
}
