/** How two editors find each other and agree on a WebRTC connection. `node ide.ts [URL]` */
import { connectIde, type Ide, logIn, signUp } from '@switchboard/sdk/ide'

const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const now = Date.now().toString(36)
const space = `engine-${now}`

async function connect(prefix: string): Promise<Ide> {
  const person = { username: `${prefix}-${now}`, password: crypto.randomUUID() }
  await signUp({ url }, { ...person, email: `${person.username}@example.org` })
  return connectIde({ url, ...(await logIn({ url }, person)) })
}

/** Answers the first offer; a page would give it to its `RTCPeerConnection`. */
async function answerOffer(editor: Ide): Promise<void> {
  for await (const { from, data } of editor) {
    console.log(`${from} offers`, data)
    editor.send(from, { type: 'answer', sdp: 'v=0' })
    return
  }
}

const [ada, ben] = await Promise.all([connect('ada'), connect('ben')])
await ada.enter(space)
const answered = answerOffer(ada)
for (const editor of await ben.enter(space)) ben.send(editor, { type: 'offer', sdp: 'v=0' })
for await (const { from, data } of ben) {
  console.log(`${from} answers`, data)
  break
}
await answered
ada.close()
ben.close()
