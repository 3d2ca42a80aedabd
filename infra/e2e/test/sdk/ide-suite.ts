import {
  addMember,
  connectIde,
  createRepo,
  deleteRepo,
  getRepos,
  logIn,
  logOut,
  removeMember,
} from '@switchboard/sdk/ide'
import { lineTo } from '@switchboard/testing/line'
import { expect, test, vi } from 'vitest'
import { freshName, type Origin } from '../origin.ts'
import { becomes, next, over, person, portOf } from './clients.ts'

/** What the SDK promises of ide. */
export function ideSuite(origin: () => Origin): void {
  test('two people meet in a space and exchange an offer and an answer', async () => {
    const { url } = origin()
    const space = freshName('space')
    const [alice, bob] = await Promise.all([person(origin(), 'alice'), person(origin(), 'bob')])
    const a = connectIde({ url, token: alice.token })
    expect(await a.enter(space)).toEqual([])
    const joined = new Promise((resolve) => a.on('joined', resolve))
    const b = connectIde({ url, token: bob.token })
    expect(await b.enter(space)).toEqual([alice.username])
    expect(await joined).toEqual({ user: bob.username, space })
    const offer = { type: 'offer', sdp: 'v=0 | :|: \r\n', none: null }
    b.send(alice.username, offer)
    expect(await next(a, 1)).toEqual([{ from: bob.username, data: offer }])
    a.send(bob.username, null)
    expect(await next(b, 1)).toEqual([{ from: alice.username, data: null }])
    const died = new Promise((resolve) => a.on('died', resolve))
    b.close()
    expect(await died).toEqual({ user: bob.username, space })
    const failure = new Promise((resolve) => a.on('failure', resolve))
    a.send(bob.username, 'still there?')
    expect(await failure).toMatchObject({ event: 'send', to: bob.username, error: { code: 'NOT_CONNECTED' } })
    a.close()
  })

  test('whoever comes back is in the same spaces, and hears who is there now', async () => {
    const spaces = [freshName('space'), freshName('space')]
    const [alice, bob] = await Promise.all([person(origin(), 'alice'), person(origin(), 'bob')])
    await using line = await lineTo(portOf(origin()))
    const a = connectIde({ url: over(line), token: alice.token })
    expect(await Promise.all(spaces.map((space) => a.enter(space)))).toEqual([[], []])
    const lost = becomes(a, 'waiting')
    line.cut()
    await lost
    const b = connectIde({ url: origin().url, token: bob.token })
    await Promise.all(spaces.map((space) => b.enter(space)))
    const heard: { space: string; users: string[] }[] = []
    const both = new Promise<void>((resolve) => a.on('users', (one) => heard.push(one) === 2 && resolve()))
    line.mend()
    await both
    expect(heard).toEqual(spaces.map((space) => ({ space, users: [bob.username] })))
    a.close()
    b.close()
  })

  test('a silent line is noticed, a living one is let be', async () => {
    const alice = await person(origin(), 'alice')
    await using line = await lineTo(portOf(origin()))
    const ide = connectIde({ url: over(line), token: alice.token, quietMs: 50, timeoutMs: 1_000 })
    const failures: unknown[] = []
    ide.on('failure', (failure) => failures.push(failure))
    await ide.enter(freshName('space'))
    // It is asked again only where it has answered.
    const said = vi.spyOn(WebSocket.prototype, 'send')
    await vi.waitFor(() => expect(said.mock.calls.length).toBeGreaterThan(5))
    expect(ide.state).toBe('open')
    const lost = becomes(ide, 'waiting')
    line.stall()
    await lost
    line.mend()
    await becomes(ide, 'open')
    expect(failures).toEqual([])
    ide.close()
  })

  test('a repo is made, shared, closed to others as a space, and deleted', async () => {
    const { url } = origin()
    const [alice, bob, eve] = await Promise.all(
      ['alice', 'bob', 'eve'].map((prefix) => person(origin(), prefix)),
    )
    if (!alice || !bob || !eve) throw new Error('three people')
    const owner = { url, token: alice.token }
    const repo = await createRepo(owner, { name: 'compiler', url: 'https://example.org/c' })
    expect(await getRepos(owner)).toEqual([repo])
    expect((await addMember(owner, repo.id, bob.username)).members).toMatchObject([
      { username: bob.username },
    ])
    const b = connectIde({ url, token: bob.token })
    expect(await b.enter(repo.id)).toEqual([])
    const e = connectIde({ url, token: eve.token })
    await expect(e.enter(repo.id)).rejects.toMatchObject({ code: 'FORBIDDEN', retryable: false })
    await expect(deleteRepo({ url, token: eve.token }, repo.id)).rejects.toMatchObject({ status: 404 })
    const out = new Promise((resolve) => b.on('failure', resolve))
    await removeMember(owner, repo.id, bob.username)
    expect(await out).toMatchObject({ event: 'join', space: repo.id, error: { code: 'FORBIDDEN' } })
    await deleteRepo(owner, repo.id)
    expect(await getRepos(owner)).toEqual([])
    b.close()
    e.close()
  })

  test('a token that was taken back ends the connection, and lets in no other', async () => {
    const { url } = origin()
    const alice = await person(origin(), 'alice')
    const { token } = await logIn({ url }, { username: alice.username, password: alice.secret })
    const ide = connectIde({ url, token })
    await ide.opened
    await logOut({ url, token })
    expect(await ide.closed).toMatchObject({ code: 'TOKEN_REVOKED', closeCode: 1008, retryable: false })
    const again = connectIde({ url, token })
    expect(await again.closed).toMatchObject({ code: 'UNAUTHORIZED', retryable: false })
    expect(`${(await again.closed)?.stack}`).not.toContain(token)
  })

  test('what cannot be sent is refused before it is', async () => {
    const ide = connectIde({ url: origin().url, token: (await person(origin(), 'alice')).token })
    for (const data of [undefined, () => {}, 'x'.repeat(64 * 1024)])
      expect(() => ide.send('bob', data)).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }))
    for (const space of ['', 'a\n', 'x'.repeat(129)])
      await expect(ide.enter(space)).rejects.toMatchObject({ code: 'BAD_MESSAGE' })
    ide.close()
    expect(() => ide.send('bob', 1)).toThrow(expect.objectContaining({ code: 'ENDED' }))
  })
}
