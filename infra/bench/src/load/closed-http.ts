import { type Answer, HttpLink } from '../wire/http.ts'
import type { Links } from '../wire/links.ts'

/** Requests over a number of connections, the next on each as soon as the last was answered. */
export interface ClosedHttp {
  /** Requests that were answered. */
  answered(): number
  /** Resolves when those that are on their way were answered; rejects with whatever went wrong until then. */
  stop(): Promise<void>
}

export interface ClosedHttpOptions {
  links: Links
  port: number
  connections: number
  /** The request of that number, from 0. */
  request(number: number): string
  /** Throws where the answer is not the right one. */
  check(number: number, answer: Answer): void
}

export function startClosedHttp({ links, port, connections, request, check }: ClosedHttpOptions): ClosedHttp {
  let stopped = false
  let asked = 0
  let answered = 0
  const loop = async (link: HttpLink): Promise<void> => {
    while (!stopped) {
      const number = asked++
      check(number, await link.request(request(number)))
      answered++
    }
  }
  const open = Array.from({ length: connections }, () => new HttpLink(links, port))
  const all = Promise.all(open.map(loop))
  // Whoever stops it is told.
  all.catch(() => {})
  return {
    answered: () => answered,
    async stop() {
      stopped = true
      await all.finally(() => {
        for (const link of open) link.close()
      })
    },
  }
}
