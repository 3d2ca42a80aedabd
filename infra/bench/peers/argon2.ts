/** Password checks, one after the other, for `argv[2]` seconds; prints how many a second and the CPU of one. The services' parameters. */
import { hashSync, verifySync } from '@node-rs/argon2'

const SECRET = 'a password for the bench'
const hash = hashSync(SECRET, { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 })
const start = performance.now()
const cpu = process.cpuUsage()
const end = start + Number(process.argv[2]) * 1000
let count = 0
while (performance.now() < end) {
  if (!verifySync(hash, SECRET)) throw new Error('the right password was not accepted')
  count++
}
const perSecond = (count / (performance.now() - start)) * 1000
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({ perSecond, cpuMicros: (user + system) / count }))
