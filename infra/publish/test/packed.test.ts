import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { makeAdministrator } from '@switchboard/testing/administrator'
import { type LiveChromium, liveChromium } from '@switchboard/testing/chromium'
import { type Running, start } from '@switchboard/testing/process'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pack } from '../src/pack.ts'
import { PUBLIC, type PublicPackage, ROOT, readManifest } from '../src/packages.ts'
import { outputInChromium } from './in-chromium.ts'
import { compile, freshProject, output } from './project.ts'
import { samples } from './samples.ts'
import { gzippedSize } from './sizes.ts'

const ENTRIES = ['channels', 'chat', 'ide', 'nemesis', 'presence', 'relay']

let dir: Awaited<ReturnType<typeof tempDir>>
let tarballs: Record<PublicPackage, string>

beforeAll(async () => {
  dir = await tempDir()
  const packed = await Promise.all(PUBLIC.map(async (name) => [name, await pack(name, dir.path)] as const))
  tarballs = Object.fromEntries(packed) as typeof tarballs
  await freshProject(dir.path, Object.values(tarballs))
})
afterAll(() => dir?.[Symbol.asyncDispose]())

const installed = (path: string) => join(dir.path, 'node_modules/@switchboard', path)

describe('the SDK as it is published', () => {
  test('exports one built entry per service, and nothing else', () => {
    const manifest = JSON.parse(readFileSync(installed('sdk/package.json'), 'utf8'))
    expect(manifest.exports).toEqual(
      Object.fromEntries(
        ENTRIES.map((entry) => [
          `./${entry}`,
          { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` },
        ]),
      ),
    )
    expect(manifest.dependencies).toBeUndefined()
    expect(manifest.peerDependenciesMeta).toEqual({ 'socket.io-client': { optional: true } })
  })

  test('has the same entries inside the repository', () => {
    expect(Object.keys(readManifest('sdk').exports ?? {}).sort()).toEqual(
      ENTRIES.map((entry) => `./${entry}`),
    )
  })

  test('has types that are right wherever ES modules are', async () => {
    const { buffer } = new Uint8Array(readFileSync(tarballs.sdk))
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(buffer)))
    if (!result.types) throw new Error('no types')
    // CommonJS and the resolution of Node 10 know no such package.
    const problems = result.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
    )
    expect(problems).toEqual([])
  })

  test.each([
    [['chat'], 6_000],
    [['channels'], 6_000],
    [['ide'], 6_000],
    [['nemesis'], 3_000],
    [['presence'], 6_000],
    [['relay'], 6_000],
    [ENTRIES, 14_000],
  ])('%j has a bounded size, minified and gzipped', async (entries, most) => {
    const size = await gzippedSize(dir.path, entries)
    console.log(`${entries.join(' + ')}: ${size} of ${most} bytes`)
    expect(size).toBeLessThanOrEqual(most)
  })
})

test.each(PUBLIC)('publint finds nothing to say about %s', async (name) => {
  const { buffer } = new Uint8Array(readFileSync(tarballs[name]))
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true })
  expect(messages).toEqual([])
})

test('the relay command is one file that explains itself, with the licences of what is in it', async () => {
  expect(await readdir(installed('relay-cli/dist'))).toEqual(['LICENCES.txt', 'main.js'])
  expect(await output(dir.path, 'node_modules/.bin/switchboard-relay', '--help')).toContain('Usage: relay')
  expect(readFileSync(installed('relay-cli/dist/LICENCES.txt'), 'utf8')).toMatch(/^socket\.io-client 4/m)
})

describe('the samples of the README, in a project of its own', () => {
  let running: Running

  beforeAll(async () => {
    await makeAdministrator({ DATA_DIR: join(dir.path, 'data') })
    running = await start(join(ROOT, 'infra/standalone/src/main.ts'), { DATA_DIR: join(dir.path, 'data') })
    const inPages = Object.entries(samples(running.url, '-page')).map(([name, code]) => [
      `${name}-page`,
      code,
    ])
    const inWorker = ['channels-worker', samples(running.url, '-worker')['channels']]
    await compile(dir.path, { ...samples(running.url), ...Object.fromEntries([...inPages, inWorker]) })
  })
  afterAll(() => running?.[Symbol.asyncDispose]())

  test('are one for each entry, two more for nemesis, and one for errors', () => {
    const others = ['as-an-administrator', 'for-oneself', 'errors']
    expect(Object.keys(samples('')).sort()).toEqual([...ENTRIES, ...others].sort())
  })

  test.each([
    ['chat', '0 messages were said before\nalice: Hello!\n'],
    ['channels', 'bob: anybody here?\n'],
    ['ide', "[ 'carol' ]\ndave { type: 'offer', sdp: '…' }\n"],
    ['presence', 'erin []\n'],
    ['relay', 'POST /hooks/push a webhook\n'],
    ['nemesis', "college the first [ 'team-ABC', 'team-DFE' ]\nAda waiting\n"],
    ['as-an-administrator', '2 of 2 rows can be queued\nGrace is 1_gh1\ntrue\n'],
    ['for-oneself', "{ full_name: 'student1 student', email: 'student1@teacher.com' }\n"],
    ['errors', 'NOT_FOUND false\n'],
  ])('%s', async (name, printed) => {
    expect(await output(dir.path, `out/${name}.js`)).toBe(printed)
  })

  describe.skipIf(findServer('chromium') === undefined)('under a strict policy in Chromium', () => {
    let chromium: LiveChromium
    beforeAll(async () => {
      chromium = await liveChromium()
    })
    afterAll(() => chromium?.[Symbol.asyncDispose]())

    test.each([
      ['chat', /^alice(-page)?: Hello!$/],
      ['channels', /^bob-page: anybody here\?$/],
      ['ide', /^dave-page \{.*offer.*\}$/],
      ['presence', /^erin-page \[\]$/],
      ['relay', /^POST \/hooks\/push a webhook$/],
      ['nemesis', /^Ada waiting$/],
    ])('%s, in a page', async (name, printed) => {
      const program = { folder: dir.path, program: `out/${name}-page.js` }
      const lines = await outputInChromium(chromium, running.url, program)
      expect(lines.at(-1)).toMatch(printed)
      // Chat asks for a room that may not be there yet.
      expect(chromium.complaints.filter((one) => !/status of 404 .*\/rooms\/lobby\)$/.test(one))).toEqual([])
    })

    test('channels, in a worker', async () => {
      const program = { folder: dir.path, program: 'out/channels-worker.js', inWorker: true }
      expect(await outputInChromium(chromium, running.url, program)).toEqual(['bob-worker: anybody here?'])
    })
  })
})
