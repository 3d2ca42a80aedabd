import type { Service } from '@switchboard/protocol/gateway'
import type { LoginRate } from './logins.ts'

export interface NginxOptions {
  /** A port, or `address:port`. */
  listen: string
  /** An existing folder that it may write to: its pid, and bodies that are too large to wait in memory. */
  folder: string
  /** `host:port` of each process of a service. Where there is none, the service's paths answer 502. */
  upstreams: Readonly<Record<Service, readonly string[]>>
  /**
   * The DNS server to ask for the upstreams' names while it runs, so that processes may come and go: one name a service,
   * with an address for each process. Without it a name is looked up when nginx starts, and never again.
   */
  resolver?: string | undefined
  /** Addresses and CIDRs of proxies in front of this one, whose `X-Forwarded-For` and `-Proto` are believed. */
  trustedProxies?: readonly string[]
  logins?: LoginRate | 'off'
  /** A folder with what `packages/console` is built to; without one nobody answers at `/`. */
  console?: string | undefined
  /** `access.log` in the folder unless told. */
  accessLog?: string | undefined
}
