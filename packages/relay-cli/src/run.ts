import { openRelay, type Relay, type RelayRequest, SwitchboardError } from '@switchboard/sdk/relay'
import { createForwarder, type Forwarder, NoAnswer } from './forward.ts'
import { type Exchange, exchangeLine, inspectLines } from './lines.ts'
import type { Options } from './options.ts'
import { keepToken, readToken, tokenFile } from './token-file.ts'

/** A caller of the relay is told `OK` after that. */
const PATIENCE_MS = 5_000

export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  /** Prints a line, or several. */
  print(text: string): void
  /** Ends the run. */
  signal: AbortSignal
}

const isEnded = (error: unknown): boolean => error instanceof SwitchboardError && error.code === 'NOT_FOUND'

/** With the token of the last run where that still lives. */
async function open(options: Options, { env, signal }: Surroundings): Promise<Relay> {
  const url = options.server.href.replace(/\/$/, '')
  if (options.new) return openRelay({ url, signal })
  const file = tokenFile(env)
  const kept = await readToken(file, url)
  try {
    if (kept !== undefined) return await openRelay({ url, token: kept, signal })
  } catch (error) {
    if (!isEnded(error)) throw error
  }
  const relay = await openRelay({ url, signal })
  await keepToken(file, url, relay.token)
  return relay
}

async function exchange(request: RelayRequest, forwarder: Forwarder): Promise<Exchange> {
  const started = performance.now()
  const { method, url, headers, bytes } = request
  const answer = await forwarder.forward(request).catch((error: unknown) => error as NoAnswer)
  const milliseconds = performance.now() - started
  return {
    method,
    url,
    request: { headers, body: bytes },
    answer,
    milliseconds,
    isLate: milliseconds > PATIENCE_MS,
  }
}

const NO_ANSWER = { status: 502, body: 'the local server does not answer' } as const
const NO_HTTP = { status: 502, body: 'the local server does not speak HTTP' } as const

function answer(request: RelayRequest, { answer }: Exchange): void {
  try {
    request.answer(answer instanceof NoAnswer ? NO_ANSWER : answer)
  } catch {
    // Node took headers that HTTP does not allow.
    request.answer(NO_HTTP)
  }
}

/** Tells when the connection goes and when it is back, once each. */
function watchConnection(relay: Relay, print: (text: string) => void): void {
  let isAway = false
  relay.on('state', ({ state, error }) => {
    if (state === 'waiting' && !isAway)
      print(`the connection is lost (${error?.message}); requests wait for it`)
    if (state === 'open' && isAway) print('connected again')
    isAway = state === 'waiting' || (isAway && state === 'connecting')
  })
}

/** Forwards until the signal comes, or the token ends; rejects where it cannot go on. */
async function forwardOne(options: Options, surroundings: Surroundings): Promise<void> {
  const { print, signal } = surroundings
  const relay = await open(options, surroundings)
  const forwarder = createForwarder(options.target)
  watchConnection(relay, print)
  relay.on('request', (request) => {
    void exchange(request, forwarder).then((done) => {
      // What was under way at the end comes again in the next run.
      if (signal.aborted) return
      answer(request, done)
      print(exchangeLine(done, new Date()))
      if (options.inspect) print(inspectLines(done))
    })
  })
  try {
    await relay.opened
    print(`${relay.url}\n  -> ${options.target.href}`)
    const error = await relay.closed
    if (error) throw error
  } finally {
    forwarder.close()
  }
}

/** Forwards until the signal comes; rejects where it cannot go on. */
export async function run(options: Options, surroundings: Surroundings): Promise<void> {
  for (;;) {
    try {
      return await forwardOne(options, surroundings)
    } catch (error) {
      if (surroundings.signal.aborted) return
      if (!isEnded(error)) throw error
      surroundings.print('the URL has ended; here is a new one')
    }
  }
}
