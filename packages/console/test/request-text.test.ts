import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asCurl } from '../app/pages/relay/request-text.ts'

const ADDRESS = 'https://switchboard.example/v1/go/abc'

type Relayed = Parameters<typeof asCurl>[0]

const request = (bytes: Uint8Array | undefined, headers: Record<string, string> = {}): Relayed => ({
  headers,
  params: {},
  method: 'POST',
  path: '/',
  url: '/?a=[1-3]',
  query: {},
  bytes,
  id: '1',
  receivedAt: 0,
  answer: () => {},
})

/** Prints what `curl` is given: its arguments, and after them its standard input. */
const CURL = `curl() { printf '%s\\0' "$@"; case "$*" in *@-) cat;; esac; }\n`

function run(command: string): { words: string[]; input: Buffer } {
  const printed = execFileSync('sh', ['-c', CURL + command])
  const words: string[] = []
  let rest = printed
  for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
    words.push(rest.subarray(0, end).toString())
    rest = rest.subarray(end + 1)
    if (words.at(-1) === '@-') break
  }
  return { words, input: rest }
}

test('a shell reads the command as what the caller sent, whatever that was', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.constantFrom('@/etc/passwd', "'; id #", '$(id) `id`', "it's", '-o x', '\\n', 'a\nb', ''),
        fc.string(),
      ),
      fc.stringMatching(/^[!-~]{0,20}$/),
      (body, value) => {
        const bytes = new TextEncoder().encode(body)
        const { words, input } = run(asCurl(request(bytes, { 'x-hook': value, host: 'x' }), ADDRESS))
        expect(words.slice(0, 6)).toEqual([
          '-g',
          '-X',
          'POST',
          `${ADDRESS}/?a=[1-3]`,
          '-H',
          `x-hook: ${value}`,
        ])
        expect(words[6] === '--data-raw' ? Buffer.from(words[7] ?? '') : input).toEqual(Buffer.from(bytes))
      },
    ),
    { numRuns: 60 },
  )
})

test('bytes that are no text, or that a terminal would obey, come through', () => {
  for (const bytes of [
    Uint8Array.of(0, 255, 128, 10, 39),
    new TextEncoder().encode('a\u001b]0;x\u0007\u202E%s\\'),
  ]) {
    const command = asCurl(request(bytes), ADDRESS)
    expect(command).toMatch(/^[ -~]+$/)
    const { words, input } = run(command)
    expect(words.slice(-2)).toEqual(['--data-binary', '@-'])
    expect(input).toEqual(Buffer.from(bytes))
  }
})

test('without a body there is none', () => {
  expect(asCurl(request(undefined), ADDRESS)).toBe(`curl -g -X POST '${ADDRESS}/?a=[1-3]'`)
})
