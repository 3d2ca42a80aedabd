/** The health check of an image: ends with 0 where the service of this container answers. */
import { SERVICES, type Service } from '@switchboard/protocol/gateway'

const port = process.env['PORT'] || SERVICES[process.env['SERVICE'] as Service]
const { ok } = await fetch(`http://127.0.0.1:${port}/healthz`)
if (!ok) process.exitCode = 1
