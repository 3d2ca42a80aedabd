/** Tells a chat room of each webhook, and its sender who is there to read it. `node webhooks-to-chat.ts [URL]` */
import { connectChat, logIn, signUp } from '@switchboard/sdk/chat'
import { getPresence } from '@switchboard/sdk/presence'
import { openRelay, type RelayRequest } from '@switchboard/sdk/relay'

const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const now = Date.now().toString(36)
const credentials = { username: `ops-${now}`, secret: crypto.randomUUID() }
await signUp({ url }, credentials)
const { token } = await logIn({ url }, credentials)

const room = connectChat({ url, token }).join(`alerts-${now}`)
await room.opened

async function tell(request: RelayRequest): Promise<void> {
  await room.send(`${request.method} ${request.path}: ${JSON.stringify(request.body)}`)
  const { [credentials.username]: places = [] } = await getPresence({ url, token }, [credentials.username])
  request.answer({ status: 201, body: { readers: places.map(({ service }) => service) } })
}
const relay = await openRelay({ url })
relay.on('request', (request) => void tell(request))
await relay.opened

const alert = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"disk":"full"}' }
const response = await fetch(`${relay.url}/alert`, alert)
console.log('the sender is told', response.status, await response.json())
for await (const { text } of room) {
  console.log('the room reads', text)
  break
}
relay.close()
room.close()
