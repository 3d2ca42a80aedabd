import { AndFilter, EqualityFilter, type Filter, OrFilter, PresenceFilter, SubstringFilter } from 'ldapts'

// Filters go out as RFC 4511 encodes them, with each value by its length, so that nothing in a value can end it or be
// taken for a part of the filter. The text form of RFC 4515, which needs escapes, is never made of a value.

export const equals = (attribute: string, value: string): Filter => new EqualityFilter({ attribute, value })

/** A substring of nothing is no filter (RFC 4511 §4.5.1.7.2). */
export const startsWith = (attribute: string, prefix: string): Filter =>
  prefix === '' ? new PresenceFilter({ attribute }) : new SubstringFilter({ attribute, initial: prefix })

export const all = (...filters: readonly Filter[]): Filter => new AndFilter({ filters: [...filters] })
export const any = (...filters: readonly Filter[]): Filter => new OrFilter({ filters: [...filters] })

export const isPerson = equals('objectClass', 'inetOrgPerson')
export const isGroup = equals('objectClass', 'posixGroup')
