/** Receives webhooks behind a firewall, and takes only those that are signed. `node relay.ts [URL]` */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { openRelay, type RelayRequest } from '@switchboard/sdk/relay'

const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const secret = crypto.randomUUID()
const sign = (body: Uint8Array) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** The signature is over the body byte for byte, not over what was parsed of it. */
function isSigned({ headers, bytes = new Uint8Array() }: RelayRequest): boolean {
  const [given, wanted] = [Buffer.from(`${headers['x-hub-signature-256']}`), Buffer.from(sign(bytes))]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const relay = await openRelay({ url })
relay.on('request', (request) => {
  const status = isSigned(request) ? 204 : 401
  console.log(request.method, request.path, status, request.body)
  request.answer({ status })
})
await relay.opened

const body = new TextEncoder().encode('{"pushed":true}')
for (const signature of [sign(body), 'sha256=guessed']) {
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature }
  const { status } = await fetch(`${relay.url}/push`, { method: 'POST', headers, body })
  console.log('the sender is told', status)
}
relay.close()
