/**
 * The account that a token speaks for: `sub` of a JSON Web Token (RFC 7519). Whether the token is good is the server's to
 * say. `undefined`: it is no such token.
 */
export function accountOf(token: string): number | undefined {
  try {
    const [, claims = ''] = token.split('.')
    const { sub } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: unknown }
    return Number(sub) || undefined
  } catch {
    return undefined
  }
}
