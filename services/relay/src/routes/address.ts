import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/**
 * Where other processes reach what listens at `address`: the address itself, or, where it stands for all of them, the
 * first of the machine's that is not only its own, of IPv4 where there is one.
 */
export function reachableUrl(
  { address, port }: { address: string; port: number },
  interfaces: Interfaces = networkInterfaces(),
): string {
  const isAll = address === '0.0.0.0' || address === '::'
  const others = isAll ? Object.values(interfaces).flatMap((found) => found ?? []) : []
  const outer = others.filter(({ internal, scopeid }) => !internal && !scopeid)
  const host = isAll
    ? ((outer.find(({ family }) => family === 'IPv4') ?? outer[0])?.address ?? '127.0.0.1')
    : address
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
