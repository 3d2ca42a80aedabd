import { join } from 'node:path'
import { ConfigError, type Env, readString, readUrl } from '@switchboard/kit/config'
import { parseEmail } from '@switchboard/protocol/names'
import { parseField } from '@switchboard/protocol/nemesis'

export interface Mailbox {
  name: string
  address: string
}

export interface MailConfig {
  /** Absent: mails are files below {@link MailConfig.folder}. */
  smtpUrl: string | undefined
  /** Absolute. */
  folder: string
  from: Mailbox
  /** Where people reach the service, without a slash at its end; absent: where it says it listens. */
  publicUrl: string | undefined
}

const NOBODY: Mailbox = { name: 'Switchboard', address: 'switchboard@localhost' }

function readMailbox(env: Env): Mailbox | undefined {
  const raw = readString(env, 'MAIL_FROM')
  if (raw === undefined) return undefined
  const [, name, inBrackets] = /^(.*?)\s*<([^<>]*)>$/.exec(raw) ?? []
  const address = parseEmail(inBrackets ?? raw)
  const shown = parseField(name?.replace(/^"(.*)"$/, '$1') || NOBODY.name)
  if (!address.ok || !shown.ok) {
    throw new ConfigError('MAIL_FROM takes an address such as Our School <nobody@example.org>')
  }
  return { name: shown.value, address: address.value.name }
}

function readPublicUrl(env: Env): string | undefined {
  const raw = readUrl(env, 'PUBLIC_URL', ['http', 'https'])
  if (raw === undefined) return undefined
  const { origin, pathname, href } = new URL(raw)
  if (href !== `${origin}${pathname}`) {
    throw new ConfigError(
      'PUBLIC_URL takes an origin, perhaps with a path, such as https://example.org/switchboard',
    )
  }
  return href.replace(/\/+$/, '')
}

export function readMailConfig(
  env: Env,
  { dataDir, production }: { dataDir: string; production: boolean },
): MailConfig {
  const smtpUrl = readUrl(env, 'SMTP_URL', ['smtp', 'smtps'])
  const from = readMailbox(env)
  const publicUrl = readPublicUrl(env)
  if (smtpUrl !== undefined && from === undefined) {
    throw new ConfigError('MAIL_FROM is missing: SMTP_URL is there, and mails need a sender')
  }
  if (smtpUrl !== undefined && production && publicUrl === undefined) {
    throw new ConfigError('PUBLIC_URL is missing: SMTP_URL is there, and mails hold links to this service')
  }
  return { smtpUrl, folder: join(dataDir, 'mail'), from: from ?? NOBODY, publicUrl }
}
