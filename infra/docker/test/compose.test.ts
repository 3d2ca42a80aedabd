import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SERVICES } from '@switchboard/protocol/gateway'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

interface Container {
  image: string
  build?: { dockerfile: string; target?: string; args: Record<string, string> }
  ports?: string[]
  networks: string[]
  environment?: Record<string, string>
  read_only?: boolean
  cap_drop?: string[]
  security_opt: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: unknown
}

const file = (path: string) => readFile(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')
const text = await file('docker-compose.yml')
const { services, networks } = parse(text, { merge: true }) as {
  services: Record<string, Container>
  networks: Record<string, { internal?: boolean }>
}
const names = Object.keys(SERVICES)
const of = (name: string): Container => services[name] as Container

test('runs the five, nginx, Redis and PostgreSQL', () => {
  expect(Object.keys(services).sort()).toEqual([...names, 'nginx', 'redis', 'postgres'].sort())
})

test.each([...names, 'nginx'])('%s may write nowhere, and gains no privilege', (name) => {
  expect(of(name)).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  })
})

test.each(names)('%s is built by its name, and knows Redis, its secret and whom to trust', (name) => {
  expect(of(name).build?.args['SERVICE']).toBe(name)
  expect(of(name).environment).toMatchObject({
    REDIS_URL: 'redis://redis:6379',
    JWT_SECRET: expect.stringMatching(/^\$\{JWT_SECRET:\?/),
    TRUSTED_PROXIES: 'uniquelocal',
  })
})

test('only nginx can be reached from outside, and only services reach Redis and PostgreSQL', () => {
  expect(Object.keys(services).filter((name) => of(name).ports)).toEqual(['nginx'])
  expect(of('nginx').networks).toEqual(['edge'])
  expect(networks['data']).toEqual({ internal: true })
  for (const name of ['redis', 'postgres']) expect(of(name).networks).toEqual(['data'])
})

test('everyone waits for what he needs until it is healthy', () => {
  const waits = (name: string) => Object.entries(of(name).depends_on ?? {})
  for (const name of [...names, 'nginx'])
    for (const [, { condition }] of waits(name)) expect(condition).toBe('service_healthy')
  expect(waits('nginx').map(([name]) => name)).toEqual(names)
  for (const name of names) expect(waits(name).map(([it]) => it)).toContain('redis')
  for (const name of names.filter((it) => of(it).environment?.['DATABASE_URL']))
    expect(waits(name).map(([it]) => it)).toContain('postgres')
  for (const name of ['redis', 'postgres']) expect(of(name).healthcheck).toBeDefined()
})

test('the images name the base images that are documented, and no registry', async () => {
  const dockerfile = await file('infra/docker/Dockerfile')
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, stage]) => stage)
  expect(new Set(bases.filter((base) => !stages.includes(base)))).toEqual(
    new Set(['node:24-bookworm-slim', 'nginx:1.28']),
  )
})
