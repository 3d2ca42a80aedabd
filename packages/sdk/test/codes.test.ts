import { globSync, readFileSync } from 'node:fs'
import { REASONS as CHAT_REASONS } from '@switchboard/protocol/chat'
import { CLOSE_CODES, CLOSE_REASONS } from '@switchboard/protocol/close-codes'
import { ERRORS } from '@switchboard/protocol/errors'
import { REASONS as PRESENCE_REASONS } from '@switchboard/protocol/presence'
import { describe, expect, test } from 'vitest'
import { LOCAL_CODES } from '../src/core/errors.ts'

const PACKAGE = `${import.meta.dirname}/..`
const [, errors = ''] = readFileSync(`${PACKAGE}/README.md`, 'utf8').split('## Errors')

/** The cells of the tables of the README's page of errors, by the heading of their first column. */
function columns(heading: string): string[][] {
  const tables = errors.split('\n\n').filter((block) => block.startsWith(`| ${heading}`))
  return tables.map((table) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.replaceAll('`', '').trim())
          .join('|'),
      ),
  )
}
const codesOf = (rows: readonly string[] = [], column = 0) => rows.map((row) => row.split('|')[column] ?? '')

/** What a status says, where the answer names no code. */
const OF_STATUS = ['CONFLICT', 'GONE']
/** Why channels closes a connection, after an error that says the same. */
const OF_NICKS = ['BAD_NICK', 'NICK_IN_USE', 'NICK_RESERVED']

describe('the README names', () => {
  const [local, server] = columns('code')
  const [closed] = columns('`closeCode`')

  test('every code that the SDK finds out itself', () => {
    expect(codesOf(local).sort()).toEqual([...LOCAL_CODES].sort())
  })

  test('every code of a server', () => {
    expect(codesOf(server).sort()).toEqual([...Object.keys(ERRORS), ...OF_STATUS].sort())
  })

  test('every close code, and every reason beside it', () => {
    const codes = new Set(codesOf(closed).flatMap((cell) => cell.split(', ')))
    expect([...codes].sort()).toEqual(Object.keys(CLOSE_CODES).sort())
    const reasons = [CLOSE_REASONS, CHAT_REASONS, PRESENCE_REASONS].flatMap((one) => Object.values(one))
    expect(codesOf(closed, 1).sort()).toEqual(['CLOSED', ...new Set<string>(reasons)].sort())
  })

  test('every code in the sources', () => {
    const named = new Set(
      [local, server].flatMap((rows) => codesOf(rows)).concat(codesOf(closed, 1), OF_NICKS),
    )
    const sources = globSync('src/**/*.ts', { cwd: PACKAGE }).map((file) =>
      readFileSync(`${PACKAGE}/${file}`, 'utf8'),
    )
    const codes = sources.flatMap((source) => source.match(/(?<=['`])[A-Z]+(_[A-Z]+)+(?=['`])/g) ?? [])
    expect(codes.length).toBeGreaterThan(LOCAL_CODES.length)
    expect(codes.filter((code) => !named.has(code))).toEqual([])
  })
})
