import { connectIde } from '@switchboard/sdk/ide'
import { expect, test } from 'vitest'
import { freshName, signUp } from '../origin.ts'
import type { Console } from './house.ts'

/** Repos of ide. */
export function repos(house: () => Console): void {
  test('somebody makes a repo and adds a person, who finds it, meets others in its space, and leaves it', async () => {
    const { enter, running } = house()
    const alice = await enter('alice', 'repos')
    const name = freshName('<b>compiler</b>')
    await alice.page.getByText('You are in none.').waitFor()
    await alice.page.getByLabel('Name').fill(name)
    await alice.page.getByLabel('Address').fill('javascript:alert(1)')
    await alice.page.getByRole('button', { name: 'Make' }).click()
    await alice.page.getByRole('alert').waitFor()
    await alice.page.getByLabel('Address').fill('git@example.org:alice/compiler.git')
    await alice.page.getByRole('button', { name: 'Make' }).click()
    const repo = alice.page
      .getByRole('list', { name: 'Repos' })
      .getByRole('listitem')
      .filter({ hasText: name })
    await repo.first().waitFor()

    const bob = await enter('bob', 'repos')
    await bob.page.getByText('You are in none.').waitFor()
    const people = repo.getByRole('list', { name: 'People' })
    await repo.getByLabel('Add somebody').fill(freshName('nobody'))
    await repo.getByRole('button', { name: 'Add' }).click()
    await repo.getByRole('alert').getByText('Nobody has this name.').waitFor()
    await repo.getByLabel('Add somebody').fill(bob.username)
    await repo.getByRole('button', { name: 'Add' }).click()
    await expect.poll(() => people.textContent()).toContain(bob.username)

    await bob.page.reload()
    await bob.page.getByText(name).waitFor()
    expect(await bob.page.getByRole('list', { name: 'People' }).textContent()).toContain(
      `${alice.username} owner`,
    )
    expect(await bob.page.getByText('Add somebody').count()).toBe(0)
    await bob.page.getByRole('link', { name: 'Meet in its space' }).click()
    await bob.page.getByText('connected', { exact: true }).waitFor()
    expect(await bob.page.getByRole('alert').count()).toBe(0)
    const eve = connectIde({ url: running.url, token: (await signUp(running, 'eve')).token })
    const [, space = ''] = bob.page.url().split('#/spaces/')
    await expect(eve.enter(space)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    eve.close()

    await bob.page.goBack()
    await bob.page.getByRole('button', { name: 'leave' }).click()
    await bob.page.getByText('You are in none.').waitFor()
    await repo.getByText('Delete', { exact: true }).click()
    await repo.getByRole('button', { name: 'Delete it' }).click()
    await alice.page.getByText('You are in none.').waitFor()
  })
}
