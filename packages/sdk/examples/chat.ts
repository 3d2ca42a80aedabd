/** A bot in a chat room: whoever says `!dice` is told a number. `node chat.ts [URL]` */
import { connectChat, logIn, signUp } from '@switchboard/sdk/chat'

const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const now = Date.now().toString(36)

async function enter(prefix: string) {
  const credentials = { username: `${prefix}-${now}`, secret: crypto.randomUUID() }
  await signUp({ url }, credentials)
  const { token } = await logIn({ url }, credentials)
  const room = connectChat({ url, token }).join(`casino-${now}`)
  await room.opened
  return room
}

const [bot, guest] = await Promise.all([enter('bot'), enter('guest')])
bot.on('message', ({ text, sender }) => {
  if (text === '!dice') void bot.send(`${sender.username} rolls a ${1 + Math.floor(Math.random() * 6)}`)
})

await guest.send('!dice')
for await (const { sender, text } of guest) {
  console.log(`${sender.username}: ${text}`)
  if (text.includes('rolls')) break
}
bot.close()
guest.close()
