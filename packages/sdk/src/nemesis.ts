/** The registry of a school. Its tokens come from its own `logIn` and are good here only. */
export type {
  AuditEntry,
  College,
  ImportedRow,
  ImportReport,
  Link,
  LoggedIn,
  Person,
  QueuedRegistration,
  Token,
} from '@switchboard/protocol/client/nemesis'
export { type Code, ServerError, SwitchboardError } from './core/errors.ts'
export type { Server } from './core/http.ts'
export { type AuditQuery, getAudit } from './nemesis/audit.ts'
export { askForReset, checkLink, type MailedLink, setPassword, verifyEmail } from './nemesis/links.ts'
export {
  type Change,
  type Credentials,
  changePerson,
  getCollege,
  getPerson,
  getRevision,
  logIn,
  logOut,
} from './nemesis/people.ts'
export {
  approve,
  exportRegistrations,
  getRegistrations,
  ImportError,
  importRegistrations,
  type Registration,
  type RegistrationQuery,
  register,
  reject,
} from './nemesis/registrations.ts'
