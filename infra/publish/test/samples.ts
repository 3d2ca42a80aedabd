import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderOf } from '../src/packages.ts'

/** Where the README's samples expect a Switchboard. */
const DOCUMENTED = 'http://127.0.0.1:8080'

/** People and nicknames in them. */
const NAMES = /'(alice|bob|carol|dave|erin)'/g

/** The samples of the SDK's README by their headings, made to run against `url`; `suffix`: of names that are taken once. */
export function samples(url: string, suffix = ''): Record<string, string> {
  const text = readFileSync(join(folderOf('sdk'), 'README.md'), 'utf8')
  const sections = text.split(/^###? /m).slice(1)
  const found = sections.map((section): [string, string] => {
    const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(section) ?? []
    return [
      section.slice(0, section.indexOf('\n')).toLowerCase().replaceAll(' ', '-'),
      code.replaceAll(DOCUMENTED, url).replaceAll(NAMES, `'$1${suffix}'`),
    ]
  })
  return Object.fromEntries(found)
}
