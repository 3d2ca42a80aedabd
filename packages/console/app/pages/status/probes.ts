import { getUser } from '@switchboard/sdk/chat'
import { getRepos } from '@switchboard/sdk/ide'
import { getRevision } from '@switchboard/sdk/nemesis'
import { getPresence } from '@switchboard/sdk/presence'
import { SERVER, type Session } from '../../state/session.ts'

export interface Answered {
  ms: number
  /** What it said of itself. */
  said?: string
}

export interface Probe {
  title: string
  /** Rejects where there is no answer. */
  ask(signal: AbortSignal): Promise<string | undefined>
}

const SHA_LENGTH = 12

async function askRevision(signal: AbortSignal): Promise<string> {
  return (await getRevision({ ...SERVER, signal })).slice(0, SHA_LENGTH)
}

const nothing = () => undefined

/**
 * Questions that any client may ask: what processes say of themselves is one thing, what a client sees another. Relay and
 * channels answer no question that does nothing; their own pages show how they are.
 */
export function probes(session: Session | undefined): readonly Probe[] {
  const nemesis = { title: 'nemesis', ask: askRevision }
  if (!session) return [nemesis]
  const { token, user } = session
  const asWho = (signal: AbortSignal) => ({ ...SERVER, token, signal })
  return [
    { title: 'chat', ask: (signal) => getUser(asWho(signal), user.id).then(nothing) },
    { title: 'ide', ask: (signal) => getRepos(asWho(signal)).then(nothing) },
    nemesis,
    { title: 'presence', ask: (signal) => getPresence(asWho(signal), [user.username]).then(nothing) },
  ]
}

/** How long an answer took. */
export async function timed({ ask }: Probe, signal: AbortSignal): Promise<Answered> {
  const began = performance.now()
  const said = await ask(signal)
  const ms = performance.now() - began
  return said === undefined ? { ms } : { ms, said }
}
