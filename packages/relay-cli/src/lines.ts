import { styleText } from 'node:util'
import { NoAnswer } from './forward.ts'
import type { Headers } from './headers.ts'
import { safe, showBody } from './text.ts'

/** One side of an exchange. */
interface Message {
  headers: Headers
  body: Uint8Array | undefined
}

/** One request and what became of it. */
export interface Exchange {
  method: string
  url: string
  request: Message
  /** The caller is given it; where the local server gave none, why. */
  answer: (Message & { status: number }) | NoAnswer
  /** How long the local server took. */
  milliseconds: number
  /** The caller had been told `OK`, as nobody waits longer than 5 s. */
  isLate: boolean
}

const METHOD_WIDTH = 'DELETE'.length

const time = (date: Date): string => date.toTimeString().slice(0, 'hh:mm:ss'.length)

function paint(status: number): string {
  const color = status < 300 ? 'green' : status < 400 ? 'cyan' : status < 500 ? 'yellow' : 'red'
  return styleText(color, String(status), { stream: process.stdout })
}

const dim = (text: string): string => styleText('dim', text, { stream: process.stdout })

/** `12:04:31 POST   /hooks/push 201 12 ms` */
export function exchangeLine(exchange: Exchange, now: Date): string {
  const { method, url, answer, milliseconds, isLate } = exchange
  const isDown = answer instanceof NoAnswer
  const notes = [
    isDown && `no answer from the local server: ${safe(answer.message)}`,
    isLate && 'late: the caller was told OK after 5 s',
  ].filter((note) => note !== false)
  return [
    dim(time(now)),
    method.padEnd(METHOD_WIDTH),
    safe(url),
    paint(isDown ? 502 : answer.status),
    `${Math.round(milliseconds)} ms`,
    ...(notes.length > 0 ? [`(${notes.join('; ')})`] : []),
  ].join(' ')
}

const indent = (text: string, mark: string): string =>
  text
    .split('\n')
    .map((line) => `  ${dim(mark)} ${line}`)
    .join('\n')

function messageLines({ headers, body }: Message, mark: string): string[] {
  const named = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => indent(safe(`${name}: ${one}`), mark)),
  )
  if (body === undefined || body.length === 0) return named
  return [...named, indent('', mark), indent(showBody(body, String(headers['content-type'] ?? '')), mark)]
}

/** Headers and bodies of both sides, as `--inspect` shows them. */
export function inspectLines({ request, answer }: Exchange): string {
  const answered = answer instanceof NoAnswer ? [] : messageLines(answer, '<')
  return [...messageLines(request, '>'), ...answered].join('\n')
}
