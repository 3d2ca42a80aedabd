import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../find-program.ts'
import { peer } from './peer.ts'
import type { Server } from './subject.ts'

/** No limits, no look-ups: what `LIMITS=off` is to ours. */
const configuration = (port: number): string => `[Global]
Name = irc.bench.example
Info = bench
Listen = 127.0.0.1
Ports = ${port}
ServerUID = nobody
ServerGID = nogroup
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxPenaltyTime = 0
PingTimeout = 300
[Options]
DNS = no
Ident = no
PAM = no
`

function writeConfiguration(port: number): string {
  const file = join(tmpdir(), `switchboard-bench-ngircd-${process.pid}.conf`)
  writeFileSync(file, configuration(port))
  process.once('exit', () => rmSync(file, { force: true }))
  return file
}

export const ngircd: Server = peer('ngircd', {
  version() {
    const [line = ''] = execFileSync(findProgram('ngircd') ?? '', ['--version'])
      .toString()
      .split('\n')
    return line.replace(/-[A-Z0-9+]+\+.*/, '')
  },
  missing: () => (findProgram('ngircd') === undefined ? 'it is not installed (Debian: ngircd)' : undefined),
  wire: 'irc',
  command: (port) => [findProgram('ngircd') ?? '', '-n', '-f', writeConfiguration(port)],
  collectsOnSignal: false,
})
