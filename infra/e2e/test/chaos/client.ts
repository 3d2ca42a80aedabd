import { CLOSE_CODES, type CloseCode } from '@switchboard/protocol/close-codes'
import { WebSocket } from 'ws'
import type { Ledger } from './ledger.ts'

interface Message {
  id: string
  text: string
}

export interface ChatClientOptions {
  name: string
  token: string
  /** `ws://…/messages/ws` */
  room: string
  roomName: string
  ledger: Ledger
}

/** Milliseconds before the first try to come back; doubled up to the last, and spread by half. */
const BACKOFF_MS = { first: 100, last: 2_000 } as const

const mayComeBack = (code: number): boolean => CLOSE_CODES[code as CloseCode]?.retry ?? true

/**
 * What any client does that must not miss anything: comes back when its connection ends, and asks for what came after the
 * last message that it saw. It never says anything twice: what did not come back to it stays unacknowledged.
 */
export class ChatClient {
  readonly #options: ChatClientOptions
  #ws: WebSocket | undefined
  #last: string | undefined
  #tries = 0
  #said = 0
  #stopped = false

  constructor(options: ChatClientOptions) {
    this.#options = options
    this.#connect()
  }

  get isOpen(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN
  }

  get last(): string | undefined {
    return this.#last
  }

  /** Says nothing while it is not connected. */
  say(): void {
    const { name, ledger } = this.#options
    if (!this.isOpen) return
    const text = `${name} ${++this.#said}`
    ledger.sent(text)
    this.#ws?.send(JSON.stringify({ text }))
  }

  stop(): void {
    this.#stopped = true
    this.#ws?.terminate()
  }

  #connect(): void {
    const { room, token, ledger } = this.#options
    const url = this.#last === undefined ? room : `${room}?after=${this.#last}`
    const ws = new WebSocket(url, [token], { perMessageDeflate: false, handshakeTimeout: 5_000 })
    this.#ws = ws
    let wasOpen = false
    ws.on('open', () => {
      wasOpen = true
      this.#tries = 0
    })
    ws.on('error', () => {})
    ws.on('message', (data) => this.#hear(JSON.parse(data.toString()) as Message[]))
    ws.on('close', (code) => {
      if (this.#stopped) return
      if (!mayComeBack(code)) ledger.ended(`${this.#options.name} was closed for good with ${code}`)
      else this.#comeBack(wasOpen ? code : undefined)
    })
  }

  #comeBack(code: number | undefined): void {
    if (code === undefined) this.#options.ledger.refused()
    else this.#options.ledger.closed(code)
    const wait = Math.min(BACKOFF_MS.first * 2 ** this.#tries++, BACKOFF_MS.last)
    setTimeout(() => this.#stopped || this.#connect(), wait * (0.5 + Math.random() / 2))
  }

  #hear(messages: Message[]): void {
    const { name, roomName, ledger } = this.#options
    if (messages.length === 0) ledger.ended(`${name} missed more than it can be sent`)
    for (const { id, text } of messages) {
      this.#last = id
      ledger.received(roomName, name, id, text)
    }
  }
}
