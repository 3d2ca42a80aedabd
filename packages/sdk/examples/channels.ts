/** Two nicknames in a channel; each sees who comes, speaks and goes. `node channels.ts [URL]` */
import { connectChannels } from '@switchboard/sdk/channels'

const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const now = Date.now().toString(36)

const host = connectChannels({ url, nick: `host-${now}` })
const lobby = host.join(`#lobby-${now}`)
await lobby.joined
lobby.on('join', ({ user }) => console.log(`${user} is here`))

const visitor = connectChannels({ url, nick: `visitor-${now}` })
const room = visitor.join(`#lobby-${now}`)
await room.joined
console.log('in the lobby:', await room.users())
await room.send('hello, and good bye')
for await (const { user, message } of lobby) {
  console.log(`${user}: ${message}`)
  break
}

const left = new Promise<void>((resolve) =>
  lobby.on('leave', ({ user }) => {
    console.log(`${user} is gone`)
    resolve()
  }),
)
room.leave()
await left
visitor.close()
host.close()
