#!/usr/bin/env node
import { SwitchboardError } from '@switchboard/sdk/relay'
import { HELP, parseOptions, UsageError } from './options.ts'
import { run } from './run.ts'

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())

/** One line for a person; anything that nobody expected keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}; --help explains`
  if (error instanceof SwitchboardError) return error.message
  return error instanceof Error && 'syscall' in error ? error.message : String((error as Error).stack)
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options === 'help') process.stdout.write(HELP)
  else await run(options, { env: process.env, print: (text) => console.log(text), signal: ending.signal })
}

try {
  await main()
} catch (error) {
  console.error(`relay: ${explain(error)}`)
  process.exitCode = 1
}
