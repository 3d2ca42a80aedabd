import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import {
  approve,
  checkLink,
  exportRegistrations,
  getRevision,
  ImportError,
  importRegistrations,
  reject,
  ServerError,
} from '../src/nemesis.ts'
import { answerJson, type Fake, startFake } from './support/fake.ts'

const ROWS = [
  { line: 2, ok: true, team_known: true },
  { line: 3, ok: false, error: 'email: must be an address' },
]

interface Asked {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: Buffer
}

/** A server that answers everything in one way, and what it was asked. */
async function serverThat(
  answer: (response: ServerResponse) => void,
): Promise<{ fake: Fake; asked: Asked[]; as: { url: string; token: string } }> {
  const asked: Asked[] = []
  const fake = await startFake({
    http: async (request, response) => {
      const { method, url, headers } = request
      asked.push({ method, url, headers, body: await buffer(request) })
      answer(response)
    },
  })
  return { fake, asked, as: { url: fake.url, token: 'a token' } }
}

test('an export is what the server sent, with the mark that spreadsheets need and fetch takes off', async () => {
  const csv = '\ufeff"id","first_name"\r\n"1","Ζωή"\r\n'
  const { fake, asked, as } = await serverThat((response) => response.end(csv))
  await using _ = fake
  expect(await exportRegistrations(as, { state: 'approved', after: 7 })).toBe(csv)
  expect(asked).toMatchObject([
    {
      url: '/userman/registrations?state=approved&after=7&format=csv',
      headers: { authorization: 'Bearer a token' },
    },
  ])
})

test.each(['', '<!doctype html>', '{"registrations":[]}'])(
  'an export that is %j is BAD_ANSWER and no file',
  async (text) => {
    const { fake, as } = await serverThat((response) => response.end(text))
    await using _ = fake
    await expect(exportRegistrations(as)).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  },
)

test('a file is imported byte for byte, whatever its encoding, and its token is in no URL', async () => {
  const report = { rows: ROWS.slice(0, 1), queued: 1 }
  const { fake, asked, as } = await serverThat((response) => answerJson(response, 200, report))
  await using _ = fake
  const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x22, 0xe9, 0x22, 0x0d, 0x0a])
  expect(await importRegistrations(as, new Blob([bytes]))).toEqual(report)
  expect(await importRegistrations(as, 'a,b\r\n', { dryRun: true })).toEqual(report)
  expect(asked.map(({ method, url, body }) => ({ method, url, body }))).toEqual([
    { method: 'POST', url: '/userman/registrations/import?dry_run=false', body: Buffer.from(bytes) },
    { method: 'POST', url: '/userman/registrations/import?dry_run=true', body: Buffer.from('a,b\r\n') },
  ])
  for (const { headers } of asked)
    expect(headers).toMatchObject({ 'content-type': 'text/csv', authorization: 'Bearer a token' })
})

test('a file of which some rows cannot be queued is an error that tells of each', async () => {
  const error = 'nothing was queued: 1 of 2 rows cannot be'
  const { fake, as } = await serverThat((response) =>
    answerJson(response, 400, { error, rows: ROWS, queued: 0 }),
  )
  await using _ = fake
  const thrown = await importRegistrations(as, 'a').catch((reason: unknown) => reason)
  expect(thrown).toBeInstanceOf(ImportError)
  expect(thrown).toBeInstanceOf(ServerError)
  expect(thrown).toMatchObject({
    name: 'ImportError',
    code: 'BAD_BINDING',
    status: 400,
    message: error,
    rows: ROWS,
    retryable: false,
  })
})

test.each([
  [400, { error: 'the file is empty' }, { name: 'ServerError', code: 'BAD_BINDING' }],
  [413, { error: 'too large' }, { name: 'ServerError', code: 'TOO_LARGE' }],
  [503, { error: 'away' }, { name: 'ServerError', code: 'UNAVAILABLE', retryable: true }],
  [200, { rows: [{ line: '2' }], queued: 1 }, { name: 'SwitchboardError', code: 'BAD_ANSWER' }],
  [200, [], { name: 'SwitchboardError', code: 'BAD_ANSWER' }],
])('an import that is answered with %d %j rejects with what it is', async (status, body, error) => {
  const { fake, as } = await serverThat((response) => answerJson(response, status, body))
  await using _ = fake
  await expect(importRegistrations(as, 'a')).rejects.toMatchObject(error)
})

test('a decision that somebody else makes may be tried again, one that is made may not', async () => {
  const refusals = [{ 'retry-after': '1' }, {}]
  const { fake, as } = await serverThat((response) =>
    response.writeHead(409, refusals.shift()).end('{"error":"no"}'),
  )
  await using _ = fake
  const conflict = { code: 'CONFLICT', status: 409 }
  await expect(approve(as, 1)).rejects.toMatchObject({ ...conflict, retryable: true, retryAfterMs: 1_000 })
  await expect(reject(as, 1, 'why')).rejects.toMatchObject({ ...conflict, retryable: false })
})

test.each(['', `${'0'.repeat(40)}\n`, '<!doctype html>'])(
  'a revision that is %j is BAD_ANSWER',
  async (text) => {
    const { fake, as } = await serverThat((response) => response.end(text))
    await using _ = fake
    await expect(getRevision(as)).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  },
)

test('a link leads nowhere else, whatever is in its address', async () => {
  const { fake, asked, as } = await serverThat((response) => answerJson(response, 200, { userid: 'x' }))
  await using _ = fake
  await checkLink(as, { kind: 'activate', userid: '../auth?', code: 'a/b#c' })
  expect(asked).toMatchObject([{ method: 'GET', url: '/userman/activate/..%2Fauth%3F/a%2Fb%23c' }])
})
