import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import nodemailer from 'nodemailer'
import type { Mailbox } from './config.ts'
import { messageOf } from './letter.ts'
import { type Letter, MailProblem, type Transport } from './transport.ts'

/** Stands for the text, and needs no encoding. */
const STAND_IN = '-'

/** Writes each mail to a file `<id>.eml` that only this user can read: there are links in it. */
export function fileTransport({ folder, from }: { folder: string; from: Mailbox }): Transport {
  const transporter = nodemailer.createTransport({ streamTransport: true, buffer: true })

  /** The text as it is: nodemailer would break long lines up, and a link with them, for whoever looks into the file. */
  async function messageText(letter: Letter): Promise<string> {
    const { message } = await transporter.sendMail(messageOf({ ...letter, text: STAND_IN }, from))
    const [head = ''] = (message as Buffer).toString('utf8').split('\r\n\r\n')
    const headers = head.replace(/^(Content-Transfer-Encoding:).*$/m, '$1 8bit')
    return `${headers}\r\n\r\n${letter.text.replaceAll('\n', '\r\n')}`
  }

  return {
    async send(letter) {
      const text = await messageText(letter)
      const file = join(folder, `${letter.id}.eml`)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        // Moved into place, so that whoever looks finds whole mails only.
        await writeFile(`${file}.part`, text, { mode: 0o600, flush: true })
        await rename(`${file}.part`, file)
      } catch (error) {
        throw new MailProblem((error as NodeJS.ErrnoException).code ?? 'EIO', false)
      }
    },
  }
}
