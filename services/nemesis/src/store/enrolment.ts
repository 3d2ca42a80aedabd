import type { Alongside } from '@switchboard/auth/accounts'
import type { NewPerson } from '../directory.ts'

export type Enrolment = Pick<NewPerson, 'firstName' | 'surname' | 'roles' | 'colleges' | 'teams'>

/**
 * Puts an account into the directory, where it is not there yet, and adds to its places there: all in one transaction of
 * whoever runs these. Two may do so at once.
 */
export const enrolment = (accountId: number, { firstName, surname, ...places }: Enrolment): Alongside[] => [
  {
    text: `INSERT INTO "nemesis"."person" (account_id, first_name, surname, roles)
      VALUES ($1::int, $2, $3, '{}') ON CONFLICT DO NOTHING`,
    parameters: [accountId, firstName, surname],
  },
  {
    text: `UPDATE "nemesis"."person" SET roles = roles || ARRAY(SELECT unnest($2::text[]) EXCEPT SELECT unnest(roles))
      WHERE account_id = $1::int`,
    parameters: [accountId, [...places.roles]],
  },
  {
    text: `INSERT INTO "nemesis"."college_member" (account_id, college)
      SELECT $1::int, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    parameters: [accountId, [...places.colleges]],
  },
  {
    text: `INSERT INTO "nemesis"."team_member" (account_id, team)
      SELECT $1::int, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    parameters: [accountId, [...places.teams]],
  },
]
