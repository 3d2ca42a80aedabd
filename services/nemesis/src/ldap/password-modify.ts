import { Attribute, BerWriter, Change, type Client } from 'ldapts'
import type { PasswordHash } from './config.ts'
import { valuesOf } from './entry.ts'
import { hashPassword } from './password-hash.ts'

/** RFC 3062. */
const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1'
const USER_IDENTITY = 0x80
const NEW_PASSWORD = 0x82

/** Connections do not outlive a server's start, nor does what it offers. */
const offers = new WeakMap<Client, boolean>()

/** What the root DSE says (RFC 4512 §5.1). */
async function offersPasswordModify(client: Client): Promise<boolean> {
  const known = offers.get(client)
  if (known !== undefined) return known
  const { searchEntries } = await client.search('', { scope: 'base', attributes: ['supportedExtension'] })
  const offered = searchEntries.some((entry) =>
    valuesOf(entry, 'supportedExtension').includes(PASSWORD_MODIFY),
  )
  offers.set(client, offered)
  return offered
}

function passwordModifyRequest(dn: string, password: string): Buffer {
  const writer = new BerWriter()
  writer.startSequence()
  writer.writeString(dn, USER_IDENTITY)
  writer.writeString(password, NEW_PASSWORD)
  writer.endSequence()
  return writer.buffer
}

/** Leaves the hashing to the server where it offers that. */
export async function modifyPassword(
  client: Client,
  dn: string,
  password: string,
  kind: PasswordHash,
): Promise<void> {
  if (await offersPasswordModify(client)) {
    await client.exop(PASSWORD_MODIFY, passwordModifyRequest(dn, password))
    return
  }
  const modification = new Attribute({
    type: 'userPassword',
    values: [await hashPassword(password, kind)],
  })
  await client.modify(dn, new Change({ operation: 'replace', modification }))
}
