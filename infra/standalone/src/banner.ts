import type { DemoPerson } from '@switchboard/nemesis/demo'
import { ROUTES, SERVICES, type Service } from '@switchboard/protocol/gateway'

export interface BannerFacts {
  /** `http://host:port` */
  url: string
  config: { dataDir: string; databaseUrl: string | undefined }
  /** Where nemesis' mails go. */
  mails: string
  /** Empty where there are none. */
  demoPeople: readonly DemoPerson[]
}

function pathsOf(service: Service): string {
  const paths = Object.keys(ROUTES).filter((path) => ROUTES[path] === service)
  return paths.join(' ')
}

/** Three commands that work as printed, on a machine with curl and npx. */
function commands(url: string, [person]: readonly DemoPerson[]): string[] {
  const ws = url.replace(/^http/, 'ws')
  const signUp = `curl -d username=alice -d password=wonderland -d email=alice@example.org ${url}/api/v1/user/signup`
  return [
    person ? `curl -d username=${person.userid} -d password=${person.password} ${url}/auth` : signUp,
    `curl -i "${url}/go/$(curl -s ${url}/new)?hello=world"`,
    `npx --yes wscat -c ${ws}/chat/login/alice -w 2 -x '{"type":4,"channel":"#django"}'`,
  ]
}

/** What runs where, where the data is, who is there already, and what to try. */
export function banner({ url, config, mails, demoPeople }: BannerFacts): string {
  const services = (Object.keys(SERVICES) as Service[]).map((name) => `  ${name.padEnd(10)}${pathsOf(name)}`)
  const database =
    config.databaseUrl === undefined
      ? `${config.dataDir} (embedded database, secret)`
      : `${config.dataDir} (secret); database: DATABASE_URL`
  const people = demoPeople.map(({ userid, password }) => `${userid}/${password}`).join(' ')
  return [
    '',
    `Switchboard is up: ${url}`,
    '',
    '  console   / (open it in a browser)',
    ...services,
    '',
    `  data      ${database}`,
    `  mail      ${mails}`,
    ...(people === '' ? [] : [`  people    demo people of nemesis (name/password): ${people}`]),
    '',
    'Try:',
    ...commands(url, demoPeople).map((command) => `  ${command}`),
    '',
    'Ctrl-C stops it; the data stays.',
  ].join('\n')
}
