import { ProcessInfo } from '@switchboard/protocol/between'
import { checker } from '@switchboard/protocol/decode'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import type { Process } from '@switchboard/protocol/presence'

/** What is read of an entry in the place of all processes. */
export interface Announced {
  /** The service. */
  person: string
  since: number
  info?: unknown
}

const parseInfo = checker(ProcessInfo)

function processOf({ since, info }: Announced): Process[] {
  const parsed = parseInfo(info)
  if (!parsed.ok) return []
  const { process, missing, connections } = parsed.value
  return [{ id: process, since, missing, ...(connections !== undefined && { connections }) }]
}

/** Each service with its processes, in the order of the entries; what says nothing that is known is left out. */
export function processesOf(entries: readonly Announced[]): Record<Service, Process[]> {
  const of = (service: string) => entries.filter(({ person }) => person === service).flatMap(processOf)
  return Object.fromEntries(Object.keys(SERVICES).map((service) => [service, of(service)])) as Record<
    Service,
    Process[]
  >
}
