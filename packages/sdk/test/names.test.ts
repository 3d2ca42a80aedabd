import { expect, test } from 'vitest'
import { connectChat, getRoom } from '../src/chat.ts'
import { deleteRepo } from '../src/ide.ts'
import { getPerson } from '../src/nemesis.ts'
import { answerJson, startFake } from './support/fake.ts'

const refusal = { code: 'BAD_BINDING', retryable: false, message: expect.stringContaining('"." or ".."') }

test.each(['.', '..'])('nothing called %s is asked for, because another path would be', async (name) => {
  let asked = 0
  await using fake = await startFake({
    http: (_request, response) => {
      asked++
      answerJson(response, 200, {})
    },
  })
  const server = { url: fake.url, token: 'x' }
  for (const ask of [getRoom, deleteRepo, getPerson])
    await expect(ask(server, name)).rejects.toMatchObject(refusal)
  const chat = connectChat({ url: fake.url })
  for (const room of [chat.join(name), chat.join(name, { after: 'a message' })]) {
    await expect(room.opened).rejects.toMatchObject(refusal)
    expect(await room.closed).toMatchObject(refusal)
  }
  expect([asked, fake.count]).toEqual([0, 0])
})

test('names that only begin or end with dots are asked for as they are', async () => {
  const paths: (string | undefined)[] = []
  await using fake = await startFake({
    http: ({ url }, response) => {
      paths.push(url)
      answerJson(response, 404, {})
    },
  })
  for (const name of ['...', '.x', 'x..', '%2e%2e'])
    await expect(getRoom({ url: fake.url }, name)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(paths).toEqual(['...', '.x', 'x..', '%252e%252e'].map((name) => `/api/v1/rooms/${name}`))
})
