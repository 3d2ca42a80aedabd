import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Approval, type ApprovalParts, approval } from '../src/approval.ts'
import type { NewPerson } from '../src/directory.ts'
import { onEachDirectory } from './support/each-directory.ts'
import { type House, openHouse } from './support/house.ts'

type Part = keyof ApprovalParts
type Call = (...parameters: unknown[]) => Promise<unknown>

/** What an approval does, in this order, and what of it may have been done when it is broken off. */
const STEPS: readonly [Part, string][] = [
  ['queue', 'claim'],
  ['directory', 'colleges'],
  ['queue', 'keep'],
  ['audit', 'record'],
  ['directory', 'add'],
  ['links', 'send'],
]

/** The parts, one of whose calls is replaced. */
function withCall(
  parts: ApprovalParts,
  [part, name]: readonly [Part, string],
  call: (own: Call) => Call,
): ApprovalParts {
  const own = parts[part] as unknown as Record<string, Call>
  const replaced = call((...parameters) => (own[name] as Call)(...parameters))
  return { ...parts, [part]: { ...own, [name]: replaced } }
}

const BY = { userid: 'admin', address: '192.0.2.1' }
const PLAIN = { team: undefined, by: BY }

onEachDirectory((kind) => {
  let house: House
  let parts: ApprovalParts
  let sound: Approval
  beforeAll(async () => {
    // No process runs: what is mailed stays in the outbox.
    house = await openHouse({ directory: kind })
    const { directory, queue, links, audit } = house.storage
    parts = { directory, queue, links, audit }
    sound = approval(parts)
    await directory.addColleges([{ name: 'college-1', title: 'one' }])
    await directory.addTeams(['team-ABC', 'team-QWE'])
  })
  beforeEach(() => house.rows('DELETE FROM nemesis.mail'))
  afterAll(() => house[Symbol.asyncDispose]())

  let count = 0
  /** Somebody whose initials nobody else has, and so the number 1. */
  async function registered(): Promise<{ id: number; userid: string; email: string }> {
    count++
    const initials = `${String.fromCharCode(97 + Math.floor(count / 26))}${String.fromCharCode(97 + (count % 26))}`
    const [first_name = '', last_name = ''] = initials
    const email = `${initials}@example.org`
    const row = { first_name, last_name, email, team: 'team-ABC', teamKnown: true }
    await house.storage.queue.add({ ...row, leader: 'teacher', college: 'college-1' })
    const [last] = await house.rows('SELECT max(id)::int AS id FROM nemesis.registration')
    return { id: last?.['id'] as number, userid: `1_${initials}1`, email }
  }
  const stateOf = async (id: number) => (await house.storage.queue.get(id))?.state
  const timePasses = () =>
    house.rows(
      `UPDATE nemesis.registration SET leased_until = now() - interval '1 s' WHERE leased_until IS NOT NULL`,
    )

  /** One person, in place; one mail; decided. */
  async function expectDone({ id, userid }: { id: number; userid: string }): Promise<void> {
    const { directory, queue } = house.storage
    expect(await queue.get(id)).toMatchObject({ state: 'approved', userid, decided_by: 'admin' })
    expect(await directory.useridsFrom(userid.slice(0, -1))).toEqual([userid])
    expect(await directory.person(userid)).toMatchObject({ colleges: [{ name: 'college-1' }] })
    expect((await directory.members('college-1')).userids).toContain(userid)
    const mails = await house.rows('SELECT kind, userid_key FROM nemesis.mail')
    expect(mails).toEqual([{ kind: 'activate', userid_key: userid }])
  }

  describe.each(STEPS)('an approval whose process dies at %s.%s', (part, name) => {
    /** As after a kill: what came before is done, and nothing that would follow is. */
    async function killAt(id: number, when: 'before' | 'after'): Promise<void> {
      const died = Promise.withResolvers<void>()
      const dying = withCall(parts, [part, name], (own) => async (...parameters) => {
        if (when === 'after') await own(...parameters)
        died.resolve()
        return new Promise(() => {})
      })
      void approval(dying).approve(id, PLAIN)
      await died.promise
    }

    it.each(['before', 'after'] as const)(
      '%s it is done is gone on with by whoever comes next',
      async (when) => {
        const one = await registered()
        await killAt(one.id, when)
        const isDone = part === 'links' && when === 'after'
        if (!isDone && !(name === 'claim' && when === 'before')) {
          expect(await sound.approve(one.id, PLAIN)).toMatchObject({ error: { code: 'BUSY' } })
          expect(await sound.reject(one.id, { reason: 'no', by: BY })).toMatchObject({
            error: { code: 'BUSY' },
          })
        }
        await timePasses()
        expect(await sound.approve(one.id, PLAIN)).toMatchObject({ ok: true, value: { userid: one.userid } })
        await expectDone(one)
      },
    )
  })

  it('a person that was made by half, in no college yet, is completed', async () => {
    const one = await registered()
    const half = withCall(parts, ['directory', 'add'], (own) => async (person) => {
      await own({ ...(person as NewPerson), colleges: [], teams: [] })
      throw new Error('away')
    })
    await expect(approval(half).approve(one.id, PLAIN)).rejects.toThrow('away')
    expect(await sound.approve(one.id, PLAIN)).toMatchObject({ ok: true })
    await expectDone(one)
  })

  it.each(STEPS)('while %s.%s fails nothing is decided, and the next try goes on', async (...step) => {
    const one = await registered()
    const failing = approval(withCall(parts, step, () => () => Promise.reject(new Error('away'))))
    await expect(failing.approve(one.id, PLAIN)).rejects.toThrow('away')
    expect(await stateOf(one.id)).toBe('waiting')
    expect(await sound.approve(one.id, PLAIN)).toMatchObject({ ok: true })
    await expectDone(one)
  })

  it('what cannot be recorded is not done', async () => {
    const one = await registered()
    const failing = approval(
      withCall(parts, ['audit', 'record'], () => () => Promise.reject(new Error('away'))),
    )
    await expect(failing.approve(one.id, PLAIN)).rejects.toThrow('away')
    await expect(failing.reject(one.id, { reason: 'no', by: BY })).rejects.toThrow('away')
    expect(await stateOf(one.id)).toBe('waiting')
    expect(await house.storage.directory.person(one.userid)).toBe(undefined)
  })

  /** Approves, and does something else first where it would make the person. */
  const approveAfter = (id: number, first: () => Promise<unknown>) =>
    approval(
      withCall(parts, ['directory', 'add'], (own) => async (...parameters) => {
        await first()
        return own(...parameters)
      }),
    ).approve(id, PLAIN)

  it('whoever is so slow that somebody else goes on with it makes nobody twice', async () => {
    const one = await registered()
    const slow = await approveAfter(one.id, async () => {
      await timePasses()
      expect(await sound.approve(one.id, PLAIN)).toMatchObject({ ok: true })
    })
    expect(slow).toMatchObject({ ok: true, value: { userid: one.userid } })
    await expectDone(one)
  })

  it('whoever goes on while the slow one makes the person finds it', async () => {
    const one = await registered()
    const slow = await approval(
      withCall(parts, ['directory', 'add'], (own) => async (...parameters) => {
        await timePasses()
        // The other one has looked and found nobody; then the person is there.
        const quick = approveAfter(one.id, () => own(...parameters))
        expect(await quick).toMatchObject({ ok: true, value: { userid: one.userid } })
        return { ok: true }
      }),
    ).approve(one.id, PLAIN)
    expect(slow).toMatchObject({ ok: true, value: { userid: one.userid } })
    await expectDone(one)
  })

  it('a userid that a stranger takes in the last moment is left to the stranger', async () => {
    const one = await registered()
    const { directory } = house.storage
    const stranger = { firstName: 'S', surname: 'T', email: undefined, password: undefined }
    const places = { roles: [], colleges: [], teams: [] }
    const taken = () => directory.add({ ...stranger, ...places, userid: one.userid })
    const userid = one.userid.replace(/1$/, '2')
    expect(await approveAfter(one.id, taken)).toMatchObject({ ok: true, value: { userid } })
    expect(await directory.person(one.userid)).toMatchObject({ firstName: 'S', colleges: [] })
    expect(await directory.person(userid)).toMatchObject({ email: one.email })
  })

  it('a person that was made before its approval ended is not rejected, nor put into two teams', async () => {
    const one = await registered()
    const failing = approval(
      withCall(parts, ['links', 'send'], () => () => Promise.reject(new Error('away'))),
    )
    await expect(failing.approve(one.id, PLAIN)).rejects.toThrow('away')
    expect(await sound.reject(one.id, { reason: 'no', by: BY })).toMatchObject({
      error: { code: 'CONFLICT' },
    })
    expect(await sound.approve(one.id, { team: 'team-QWE', by: BY })).toMatchObject({
      error: { code: 'CONFLICT' },
    })
    expect(await sound.approve(one.id, { team: 'team-ABC', by: BY })).toMatchObject({ ok: true })
    await expectDone(one)
  })

  it('what ended in the middle waits in the list again once its time is over', async () => {
    const one = await registered()
    const claim = await house.storage.queue.claim(one.id)
    expect(claim).toMatchObject({ id: one.id })
    const query = { colleges: undefined, after: one.id - 1, count: 10 }
    expect(await house.storage.queue.list({ ...query, state: 'waiting' })).toEqual([])
    expect(await house.storage.queue.list({ ...query, state: 'approving' })).toMatchObject([{ id: one.id }])
    await timePasses()
    expect(await house.storage.queue.list({ ...query, state: 'waiting' })).toMatchObject([{ id: one.id }])
  })
})
