/**
 * Groups that LDAP would know: what follows the dash is not empty, needs no escape in a DN or a filter, and has 64
 * characters at most.
 */
const COLLEGE = /^college-[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]{0,63}$/u
const TEAM = /^team-[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]{0,63}$/u

export const isCollegeName = (name: string): boolean => COLLEGE.test(name)
export const isTeamName = (name: string): boolean => TEAM.test(name)
