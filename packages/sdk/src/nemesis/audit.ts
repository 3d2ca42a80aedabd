import { type AuditEntry, isAuditPage } from '@switchboard/protocol/client/nemesis'
import { request, type Server } from '../core/http.ts'
import { pathOf, withQuery } from './path.ts'

export interface AuditQuery {
  /** Only entries with a smaller id, for the next page. */
  before?: number
  /** 100 unless told, 500 at most. */
  count?: number
  actor?: string
  action?: string
}

/** An administrator's: who did what to whom, newest first. */
export const getAudit = async (server: Server, query: AuditQuery = {}): Promise<AuditEntry[]> =>
  (await request(server, withQuery(pathOf('audit'), query), { check: isAuditPage })).entries
