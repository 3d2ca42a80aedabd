/**
 * `node install-servers.ts`: sees to the real servers that tests run against, before they run. What is missing is
 * installed where this is Debian's root; elsewhere it is named, and with `CI=true` the run fails.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findServer, SERVERS, type Server } from './servers.ts'

const names = Object.keys(SERVERS) as Server[]
const missing = (): Server[] => names.filter((name) => findServer(name) === undefined)

/** Installed, never started: Debian starts a server as it installs it, unless policy-rc.d says no; tests start their own. */
function install(packages: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  for (const command of [
    ['update', '--quiet'],
    ['install', '--quiet', '--yes', '--no-install-recommends', ...packages],
  ]) {
    console.log(`apt-get ${command.join(' ')}`)
    const { status } = spawnSync('apt-get', command, { env, stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) return
  }
}

const wanted = missing()
const isDebianRoot = process.getuid?.() === 0 && existsSync('/etc/debian_version')
if (wanted.length > 0 && isDebianRoot) install(wanted.map((name) => SERVERS[name].package))

const left = missing()
for (const name of left) {
  console.error(
    `!! ${name} is not installed (Debian: ${SERVERS[name].package}): the tests that need it are LEFT OUT`,
  )
}
if (left.length > 0 && process.env['CI'] === 'true') {
  console.error('CI=true: every server has to be there')
  process.exitCode = 1
}
