import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Tokens by the server that made them. */
type Tokens = Record<string, string>

/** `$XDG_CONFIG_HOME/switchboard/relay.json`; as the XDG specification says, a relative path there counts as none. */
export function tokenFile(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['XDG_CONFIG_HOME'] ?? ''
  return join(named.startsWith('/') ? named : join(homedir(), '.config'), 'switchboard', 'relay.json')
}

const isTokens = (value: unknown): value is Tokens =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')

/** A file that is missing or broken holds nothing: a token can be made anew. */
async function readTokens(file: string): Promise<Tokens> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isTokens(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

export async function readToken(file: string, server: string): Promise<string | undefined> {
  const tokens = await readTokens(file)
  return Object.hasOwn(tokens, server) ? tokens[server] : undefined
}

/** Whoever reads a token gets the requests that it is for: the file is for its owner only, and never half written. */
export async function keepToken(file: string, server: string, token: string): Promise<void> {
  const text = JSON.stringify({ ...(await readTokens(file)), [server]: token }, undefined, 2)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  try {
    await writeFile(draft, `${text}\n`, { mode: 0o600 })
    await chmod(draft, 0o600)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
