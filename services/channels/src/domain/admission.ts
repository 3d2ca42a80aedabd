/** Whether a nickname is had by who comes first, taken from whoever has it, or not to be had. */
export type Admission = 'claim' | 'take' | 'NICK_RESERVED'

/**
 * @param owner the account for which the nickname is reserved
 * @param account the account whose token was offered
 */
export function admission(owner: number | undefined, account: number | undefined): Admission {
  if (owner === undefined) return 'claim'
  return owner === account ? 'take' : 'NICK_RESERVED'
}
