import type { Limits } from '@switchboard/kit/limits'
import { LIMITS } from '@switchboard/protocol/limits'
import type { AuthError } from '@switchboard/protocol/nemesis'
import type { Audit } from '../audit.ts'

/** Tells the audit what became of a try to log in. Each is to be awaited before the answer. */
export interface LogInAudit {
  succeeded(userid: string, address: string): Promise<void>
  /**
   * @param userid of the person whose password was tried; `undefined` where there is none: the name as it was typed may be a
   *   password, or somebody else's secret, and nothing of it is kept
   */
  failed(userid: string | undefined, address: string, reason: AuthError): Promise<void>
  /** Once in the time that refusals count in, so that nobody fills the audit with them. */
  limited(address: string): Promise<void>
}

export function logInAudit(audit: Pick<Audit, 'record'>, limits: Pick<Limits, 'counter'>): LogInAudit {
  const { windowSeconds } = LIMITS.logins
  const told = limits.counter('nemesis:limited-log-ins', { points: 1, windowSeconds })
  return {
    succeeded: (actor, address) => audit.record({ actor, action: 'log-in', address }),

    failed: (target, address, reason) =>
      audit.record({ actor: undefined, action: 'log-in-failed', target, address, details: { reason } }),

    async limited(address) {
      if ((await told.take(address)) > 0) return
      try {
        await audit.record({ actor: undefined, action: 'log-in-limited', address })
      } catch (error) {
        await told.give(address)
        throw error
      }
    },
  }
}
