import type { Result } from '@switchboard/protocol/result'
import { type AuditAction, type AuditDetails, COMMAND_LINE, recorded } from '../audit.ts'
import type { DirectoryProblem } from '../directory.ts'
import type { Storage } from '../storage.ts'
import { CommandError } from './command.ts'

/** What the command line does, and to whom or what. */
export interface Act {
  action: AuditAction
  target?: string
  details?: AuditDetails
}

/** Tells the audit, and does it. */
export const audited = <R extends { ok: boolean }>(
  { audit }: Pick<Storage, 'audit'>,
  act: Act,
  work: () => Promise<R>,
): Promise<R> => recorded(audit, { ...act, actor: undefined, address: COMMAND_LINE }, work)

/** @throws CommandError in the directory's words */
export function orStop<T>(result: Result<T, DirectoryProblem>): T {
  if (result.ok) return result.value
  throw new CommandError(result.error.message)
}
