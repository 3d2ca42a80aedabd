import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import nodemailer from 'nodemailer'
import type { Mailbox } from './config.ts'
import { messageOf } from './letter.ts'
import { MailProblem, type Transport } from './transport.ts'

/** Writes each mail to a file `<id>.eml` that only this user can read: there are links in it. */
export function fileTransport({ folder, from }: { folder: string; from: Mailbox }): Transport {
  const transporter = nodemailer.createTransport({ streamTransport: true, buffer: true })
  return {
    async send(letter) {
      const { message } = await transporter.sendMail(messageOf(letter, from))
      const file = join(folder, `${letter.id}.eml`)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        // Moved into place, so that whoever looks finds whole mails only.
        await writeFile(`${file}.part`, message as Buffer, { mode: 0o600, flush: true })
        await rename(`${file}.part`, file)
      } catch (error) {
        throw new MailProblem((error as NodeJS.ErrnoException).code ?? 'EIO', false)
      }
    },
  }
}
