/** A client that knows the document and nothing else. Nothing here may be imported from the project but the start of a server. */
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DELIMITER } from '../src/routes/socket.ts'
import { type Installation, install } from './support/installation.ts'

let installation: Installation
let origin: string
beforeAll(async () => {
  installation = await install()
  origin = installation.first.url
})
afterAll(() => installation[Symbol.asyncDispose]())

const form = (path: string, fields: Record<string, string>) =>
  fetch(`${origin}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(fields) })

/** What an IDE does: a token for its own id, a socket, events by name. The delimiter twice in a frame, and it is dropped. */
async function ide(username: string, ide_id: string) {
  const answer = await form('user/auth', { username, password: 'secret', ide_id })
  const { token, expires } = (await answer.json()) as { token: string; expires: number }
  expect(expires).toBeGreaterThan(Date.now())
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/socket?token=${token}`)
  const heard: [string, unknown][] = []
  let wake = () => {}
  socket.onmessage = ({ data }) => {
    const parts = String(data).split(DELIMITER)
    if (parts.length !== 2) return
    heard.push([parts[0] ?? '', JSON.parse(parts[1] ?? '')])
    wake()
  }
  await once(socket, 'open')
  return {
    token,
    close: () => socket.close(),
    emit: (event: string, data: unknown) => socket.send(event + DELIMITER + JSON.stringify(data)),
    /** The parameters of the next event of this name; events that the document does not know are passed over. */
    async on(event: string): Promise<unknown> {
      for (;;) {
        const next = heard.shift()
        if (next?.[0] === event) return next[1]
        if (!next) await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

test('a document-only client signs up, logs in, sees its repos, meets others and exchanges offers', async () => {
  for (const username of ['ann', 'ben']) {
    const answer = await form('user/signup', {
      username,
      password: 'secret',
      email: `${username}@example.org`,
    })
    expect([answer.status, await answer.json()]).toEqual([200, { good: 'Wonderful, you logged in.' }])
  }
  const login = await form('user/login', { username: 'ann', password: 'secret' })
  expect([login.status, await login.json()]).toEqual([200, { good: 'Wonderful, you logged in.' }])
  const [cookie = ''] = login.headers.getSetCookie()
  const session = await fetch(`${origin}/api/v1/repos`, { headers: { cookie: cookie.split(';')[0] ?? '' } })
  expect(await session.json()).toEqual({ repos: [] })

  const ann = await ide('ann', 'ide-of-ann')
  const repos = await fetch(`${origin}/api/v1/repos?token=${ann.token}`)
  expect(await repos.json()).toEqual({ repos: [] })
  const ben = await ide('ben', 'ide-of-ben')

  ann.emit('list', { space: 'project' })
  expect(await ann.on('list')).toEqual([])
  ben.emit('list', { space: 'project' })
  const [peer] = (await ben.on('list')) as [string]
  const offer = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 :|: | ü', candidates: [null, 1.5, { a: [] }] }
  ben.emit('send', { to: peer, data: offer })
  const { from, data } = (await ann.on('msg')) as { from: string; data: unknown }
  expect(data).toEqual(offer)
  ann.emit('send', { to: from, data: 'answer' })
  expect(await ben.on('msg')).toEqual({ from: peer, data: 'answer' })

  ben.close()
  expect(await ann.on('died')).toEqual({ user: from, space: 'project' })
  ann.close()
})
