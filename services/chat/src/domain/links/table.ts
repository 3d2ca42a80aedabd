import { type Clock, sleep } from '../clock.ts'
import { coalesce } from '../coalesce.ts'
import { graphOf, type LinkGraph } from './graph.ts'
import type { Link } from './link.ts'

/** All links, as the store had them last. */
export interface LinkTable {
  readonly graph: LinkGraph
  /** Links may have changed. Resolves once they were read after this call. */
  refresh(): Promise<void>
  /** Resolves once no reading is owed: what was heard of before the call is in the graph. */
  settled(): Promise<void>
  close(): void
}

interface TableOptions {
  /** Rejects where the store does not answer. */
  read(): Promise<Link[]>
  clock: Clock
  onError(error: unknown): void
}

const RETRY_MS = 1000

export function createLinkTable({ read, clock, onError }: TableOptions): LinkTable {
  let graph = graphOf([])
  let closed = false
  let latest: Promise<void> = Promise.resolve()

  const again = coalesce(async () => {
    for (let failures = 0; !closed; failures++) {
      try {
        graph = graphOf(await read())
        return
      } catch (error) {
        if (failures === 0) onError(error)
        await sleep(clock, RETRY_MS)
      }
    }
  })

  return {
    get graph() {
      return graph
    },
    refresh() {
      latest = again()
      return latest
    },
    settled: () => latest,
    close() {
      closed = true
    },
  }
}
