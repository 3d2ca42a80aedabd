import { nameKey, parseEmail, parsePassword, parseUsername } from '@switchboard/protocol/names'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { type Account, accountOf, FIND_BY_KEY, NAMES_FROM, type Row } from './account.ts'
import { type Broker, publishRevocation, type Revocation } from './broker.ts'
import { Prisma, PrismaClient } from './generated/client.ts'
import { type Passwords, passwords as sharedPasswords } from './passwords.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import type { Statements } from './statements.ts'
import { withoutRow } from './without-row.ts'

/** For kit's `migrate`. */
export const ACCOUNTS_MIGRATIONS = {
  schema: 'accounts',
  folder: new URL('../prisma/migrations/', import.meta.url),
}

export interface NewAccount {
  username: string
  password: string
  email?: string | undefined
}

/** `message` may be shown to whoever asked: it repeats nothing of what was given. */
export interface Problem<Code extends string> {
  code: Code
  message: string
}

export type LogInProblem = 'USER_NOT_FOUND' | 'WRONG_PASSWORD'

/** A statement of somebody else's, with its parameters from `$1` on. */
export interface Alongside {
  text: string
  parameters: unknown[]
}

/** Every call rejects where the database does not answer, and with `Unavailable` where too many passwords wait already. */
export interface Accounts {
  /** With `alongside`, what it answers for the new id is written too, or neither. */
  create(
    account: NewAccount,
    alongside?: (id: number) => readonly Alongside[],
  ): Promise<
    Result<Account, Problem<'BAD_USERNAME' | 'BAD_PASSWORD' | 'BAD_EMAIL' | 'USER_EXISTS' | 'EMAIL_EXISTS'>>
  >
  /** Any number: one that cannot be an id is nobody's. */
  byId(id: number): Promise<Account | undefined>
  /** Any string, in any case: one that cannot be a name is nobody's. */
  byName(name: string): Promise<Account | undefined>
  byEmail(email: string): Promise<Account | undefined>
  /** By id. */
  byIds(ids: readonly number[]): Promise<Map<number, Account>>
  /** Those that begin so, in any case, as they are written. */
  namesFrom(prefix: string): Promise<string[]>
  /** By `nameKey`. */
  byNames(names: readonly string[]): Promise<Map<string, Account>>
  /** Takes as long for an unknown name as for a wrong password. */
  verify(name: string, password: string): Promise<Result<Account, LogInProblem>>
  /** Revokes every token of that person. */
  setPassword(
    id: number,
    password: string,
  ): Promise<Result<Account, Problem<'BAD_PASSWORD' | 'USER_NOT_FOUND'>>>
  /** `undefined` takes the address away. */
  setEmail(
    id: number,
    email: string | undefined,
  ): Promise<Result<Account, Problem<'BAD_EMAIL' | 'EMAIL_EXISTS' | 'USER_NOT_FOUND'>>>
  /** Every token of that person. */
  revokeAll(id: number): Promise<void>
  readonly revocations: Revocations
  close(): Promise<void>
}

/** Where accounts are kept; kit's `Database` is one. */
export interface AccountsDatabase extends Statements {
  adapter(schema: 'accounts'): Prisma.PrismaClientOptionsWithAdapter['adapter']
}

export interface AccountsOptions {
  database: AccountsDatabase
  /** Told of every revocation. */
  broker: Pick<Broker, 'publish'>
  passwords?: Passwords
}

/** Highest `id` that PostgreSQL's `integer` holds. */
const MAX_ID = 2 ** 31 - 1
const isId = (id: number): boolean => Number.isInteger(id) && id >= 1 && id <= MAX_ID

const problem = <Code extends string>(code: Code, message: string) => err({ code, message })
const USER_EXISTS = problem('USER_EXISTS', 'somebody has that username already')
const EMAIL_EXISTS = problem('EMAIL_EXISTS', 'somebody has that e-mail address already')
const USER_NOT_FOUND = problem('USER_NOT_FOUND', 'there is nobody with that id')

const isDuplicate = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'

export function createAccounts({ database, broker, passwords = sharedPasswords }: AccountsOptions): Accounts {
  // Prisma's longer errors quote the call; these name the failure only.
  const db = new PrismaClient({ adapter: database.adapter('accounts'), errorFormat: 'minimal' })

  const tell = (revocation: Revocation) => publishRevocation(broker, revocation)

  const one = async (where: { id: number } | { usernameKey: string } | { emailKey: string }) => {
    const row = await db.account.findUnique({ where })
    return row ? accountOf(row) : undefined
  }

  /** Which of the two is somebody else's already. */
  async function taken(usernameKey: string, emailKey: string | null) {
    if (await one({ usernameKey })) return USER_EXISTS
    if (emailKey !== null && (await one({ emailKey }))) return EMAIL_EXISTS
    return undefined
  }

  /** A right password is the only time at which it can be hashed anew; that this fails is no reason to refuse it. */
  async function renewHash(id: number, password: string, passwordHash: string): Promise<void> {
    try {
      const renewed = await passwords.hash(password)
      await db.account.updateMany({ where: { id, passwordHash }, data: { passwordHash: renewed } })
    } catch {}
  }

  /** The account, and what belongs to it: both or neither. */
  async function insert(
    data: Prisma.AccountUncheckedCreateInput,
    alongside: ((id: number) => readonly Alongside[]) | undefined,
  ): Promise<Row> {
    if (!alongside) return db.account.create({ data })
    const [{ id }] = await db.$queryRaw<
      [{ id: number }]
    >`SELECT nextval('"accounts"."account_id_seq"')::int AS id`
    const others = alongside(id).map(({ text, parameters }) => db.$executeRawUnsafe(text, ...parameters))
    const [row] = await db.$transaction([db.account.create({ data: { ...data, id } }), ...others])
    return row
  }

  return {
    async create({ username, password, email }, alongside) {
      const name = parseUsername(username)
      if (!name.ok) return problem('BAD_USERNAME', name.error)
      const secret = parsePassword(password)
      if (!secret.ok) return problem('BAD_PASSWORD', secret.error)
      const address = email === undefined ? ok({ name: null, key: null }) : parseEmail(email)
      if (!address.ok) return problem('BAD_EMAIL', address.error)
      const data = {
        username: name.value.name,
        usernameKey: name.value.key,
        email: address.value.name,
        emailKey: address.value.key,
      }
      // Asked before, so that a taken name costs no hash; asked again, because two may sign up at once.
      const before = await taken(data.usernameKey, data.emailKey)
      if (before) return before
      const passwordHash = await passwords.hash(secret.value)
      try {
        return ok(accountOf(await withoutRow(insert({ ...data, passwordHash }, alongside))))
      } catch (error) {
        if (!isDuplicate(error)) throw error
        return (await taken(data.usernameKey, data.emailKey)) ?? EMAIL_EXISTS
      }
    },

    byId: async (id) => (isId(id) ? one({ id }) : undefined),

    async byName(name) {
      const parsed = parseUsername(name)
      return parsed.ok ? one({ usernameKey: parsed.value.key }) : undefined
    },

    async byEmail(email) {
      const parsed = parseEmail(email)
      return parsed.ok ? one({ emailKey: parsed.value.key }) : undefined
    },

    async byIds(ids) {
      const rows = await db.account.findMany({ where: { id: { in: ids.filter(isId) } } })
      return new Map(rows.map((row) => [row.id, accountOf(row)]))
    },

    async namesFrom(prefix) {
      // PostgreSQL's text cannot hold it, so no name does.
      if (prefix.includes('\0')) return []
      const rows = await database.query<{ username: string }>(NAMES_FROM, [nameKey(prefix)])
      return rows.map(({ username }) => username)
    },

    async byNames(names) {
      const keys = names.filter((name) => parseUsername(name).ok).map(nameKey)
      const rows = await db.account.findMany({ where: { usernameKey: { in: keys } } })
      return new Map(rows.map((row) => [row.usernameKey, accountOf(row)]))
    },

    async verify(name, password) {
      const parsed = parseUsername(name)
      const [row] = parsed.ok ? await database.query<Row>(FIND_BY_KEY, [parsed.value.key]) : []
      const matches = await passwords.verify(password, row?.passwordHash)
      if (!row) return err('USER_NOT_FOUND')
      if (!matches) return err('WRONG_PASSWORD')
      if (passwords.outdated(row.passwordHash)) await renewHash(row.id, password, row.passwordHash)
      return ok(accountOf(row))
    },

    async setPassword(id, password) {
      const secret = parsePassword(password)
      if (!secret.ok) return problem('BAD_PASSWORD', secret.error)
      if (!isId(id)) return USER_NOT_FOUND
      const passwordHash = await passwords.hash(secret.value)
      const [row] = await withoutRow(
        db.account.updateManyAndReturn({
          where: { id },
          data: { passwordHash, generation: { increment: 1 } },
        }),
      )
      if (!row) return USER_NOT_FOUND
      tell({ account: id, generation: row.generation })
      return ok(accountOf(row))
    },

    async setEmail(id, email) {
      const address = email === undefined ? ok({ name: null, key: null }) : parseEmail(email)
      if (!address.ok) return problem('BAD_EMAIL', address.error)
      if (!isId(id)) return USER_NOT_FOUND
      try {
        const data = { email: address.value.name, emailKey: address.value.key }
        const [row] = await withoutRow(db.account.updateManyAndReturn({ where: { id }, data }))
        return row ? ok(accountOf(row)) : USER_NOT_FOUND
      } catch (error) {
        if (isDuplicate(error)) return EMAIL_EXISTS
        throw error
      }
    },

    async revokeAll(id) {
      if (!isId(id)) return
      const [row] = await db.account.updateManyAndReturn({
        where: { id },
        data: { generation: { increment: 1 } },
      })
      if (row) tell({ account: id, generation: row.generation })
    },

    revocations: createRevocations({
      database,
      tables: { schema: 'accounts', holders: 'account' },
      tell,
    }),
    close: () => db.$disconnect(),
  }
}
