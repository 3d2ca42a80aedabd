import { readCommonConfig } from '@switchboard/kit/config'
import { renderNginx } from '@switchboard/nginx/render'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import { describe, expect, test } from 'vitest'
import {
  type Labels,
  type Manifest,
  type PodTemplate,
  readKustomization,
  readManifests,
  readText,
  selectorsOf,
  yamlFiles,
} from './manifests.ts'

const names = Object.keys(SERVICES) as Service[]
const base = readManifests('base')
const all = [...base, ...readManifests('example')]
const kustomization = readKustomization('base')

function find(kind: string, name: string, among = all): Manifest {
  const found = among.find((one) => one.kind === kind && one.metadata.name === name)
  if (!found) throw new Error(`there is no ${kind} ${name}`)
  return found
}

const pods = all.flatMap(({ metadata, spec }): [string, PodTemplate][] =>
  spec.template ? [[metadata.name, spec.template]] : [],
)
const selects = (selector: Labels) => (template: PodTemplate) =>
  Object.entries(selector).every(([key, value]) => template.metadata.labels[key] === value)
const podsOf = (selector: Labels) => pods.map(([, template]) => template).filter(selects(selector))
const only = (template: PodTemplate | undefined) => {
  const [container, ...more] = template?.spec.containers ?? []
  if (!container || more.length > 0) throw new Error('one container a pod')
  return container
}

test.each(['base', 'example'])('%s lists every file that it has', (folder) => {
  expect(
    readKustomization(folder)
      .resources.filter((one) => one !== '../base')
      .sort(),
  ).toEqual(yamlFiles(folder).sort())
})

test('everything has a name of its own', () => {
  const keys = all.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
  expect(keys).toEqual([...new Set(keys)])
})

describe.each(names)('%s', (name) => {
  const port = SERVICES[name]
  const template = find('Deployment', name, base).spec.template

  test('listens where the gateway’s table says', () => {
    expect(only(template)).toMatchObject({
      image: `switchboard-${name}`,
      ports: [{ name: 'http', containerPort: port }],
    })
    expect(find('Service', name, base).spec.ports).toEqual([{ name: 'http', port, targetPort: 'http' }])
    expect(template?.metadata.annotations?.['prometheus.io/port']).toBe(`${port}`)
  })

  test('is asked whether it lives, and whether it is ready', () => {
    expect(only(template)).toMatchObject({
      startupProbe: { httpGet: { path: '/healthz', port: 'http' } },
      livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    })
  })

  test('has a time to stop, a disruption budget, and another node for its second process', () => {
    expect(template?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(20)
    expect(template?.spec.topologySpreadConstraints).toHaveLength(1)
    const { spec } = find('PodDisruptionBudget', name, base)
    expect(podsOf(spec.selector?.matchLabels ?? {})).toEqual([template])
  })

  test('reads an environment that it takes', () => {
    const { literals = [] } =
      kustomization.configMapGenerator?.find((it) => it.name === 'switchboard-config') ?? {}
    const env = Object.fromEntries(literals.map((literal) => literal.split('=') as [string, string]))
    const secrets = only(template).env?.map((one) => one.name)
    expect(secrets).toEqual(expect.arrayContaining(['JWT_SECRET', 'REDIS_URL']))
    expect(
      readCommonConfig({ ...env, NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) }, { port }),
    ).toMatchObject({ trustedProxies: ['uniquelocal'], logLevel: 'info' })
  })
})

test.each(pods)(
  '%s runs as nobody, may write nowhere else than it must, and has no token',
  (name, { spec }) => {
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(only({ spec } as PodTemplate).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      ...(name !== 'postgres' && { readOnlyRootFilesystem: true }),
    })
  },
)

test.each(all)('$kind $metadata.name selects pods that there are', ({ kind, spec }) => {
  const own = kind === 'Service' ? [spec.selector as Labels] : selectorsOf(spec)
  for (const selector of own) expect(podsOf(selector)).not.toEqual([])
})

test.each(pods)('%s: what it mounts, asks and reads is there', (name, template) => {
  const container = only(template)
  const claims = all.flatMap(({ metadata, spec }) =>
    metadata.name === name ? (spec.volumeClaimTemplates ?? []) : [],
  )
  const volumes = [
    ...(template.spec.volumes ?? []).map((volume) => volume.name),
    ...claims.map((claim) => claim.metadata.name),
  ]
  for (const mount of container.volumeMounts) expect(volumes).toContain(mount.name)
  const ports = container.ports.map((port) => port.name)
  for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
    for (const action of Object.values(probe ?? {})) if (action.port) expect(ports).toContain(action.port)
  const maps = kustomization.configMapGenerator?.map((one) => one.name)
  for (const { configMapRef } of container.envFrom ?? []) expect(maps).toContain(configMapRef.name)
  for (const { configMap } of template.spec.volumes ?? [])
    if (configMap) expect(maps).toContain(configMap.name)
  const secrets = readKustomization('example').secretGenerator?.map((one) => one.name)
  for (const { valueFrom } of container.env ?? []) {
    if (!valueFrom) continue
    expect(secrets).toContain(valueFrom.secretKeyRef.name)
    // The command that makes the example's secrets names each key.
    expect(readText('example/kustomization.yaml')).toContain(`${valueFrom.secretKeyRef.key}=`)
  }
})

test.each(all.filter(({ kind }) => kind === 'Service'))(
  'the Service $metadata.name has its pods’ port',
  ({ spec }) => {
    for (const template of podsOf(spec.selector as Labels))
      for (const { targetPort } of spec.ports ?? [])
        expect(only(template).ports.map((port) => port.name)).toContain(targetPort)
  },
)

interface Policy {
  podSelector: { matchLabels: Labels }
  ingress?: { ports: { port: string | number }[] }[]
  egress?: { to: { podSelector?: { matchLabels: Labels } }[]; ports: { port: string | number }[] }[]
}

test('network policies name ports that their pods have', () => {
  const opened = (selector: Labels) =>
    podsOf(selector).flatMap((template) =>
      only(template).ports.flatMap((port) => [port.name, port.containerPort]),
    )
  for (const { spec } of all.filter(({ kind }) => kind === 'NetworkPolicy')) {
    const { podSelector, ingress = [], egress = [] } = spec as unknown as Policy
    for (const { port } of ingress.flatMap((rule) => rule.ports))
      expect(opened(podSelector.matchLabels)).toContain(port)
    for (const { to, ports } of egress)
      for (const { podSelector: peer } of to)
        if (peer) for (const { port } of ports) expect(opened(peer.matchLabels)).toContain(port)
  }
})

test('nobody reaches anybody unless a policy says so', () => {
  expect(find('NetworkPolicy', 'default-deny').spec).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'switchboard' } },
    policyTypes: ['Ingress', 'Egress'],
  })
  for (const [, template] of pods)
    expect(template.metadata.labels['app.kubernetes.io/part-of']).toBe('switchboard')
})

test('the Ingress leads to nginx, and the autoscaler counts chat’s connections', () => {
  expect(find('Ingress', 'switchboard').spec).toMatchObject({
    rules: [
      { http: { paths: [{ path: '/', backend: { service: { name: 'nginx', port: { name: 'http' } } } }] } },
    ],
  })
  expect(find('Service', 'nginx').spec.ports?.[0]?.name).toBe('http')
  expect(find('HorizontalPodAutoscaler', 'chat').spec).toMatchObject({
    scaleTargetRef: { kind: 'Deployment', name: 'chat' },
    metrics: [{ type: 'Pods', pods: { metric: { name: 'chat_connections' } } }],
  })
  // An apply would set the number of processes back, were it said there.
  expect(find('Deployment', 'chat').spec).not.toHaveProperty('replicas')
})

test('nginx.conf is what infra/nginx renders', () => {
  const rendered = renderNginx({
    listen: '8080',
    folder: '/tmp',
    accessLog: '/dev/stdout',
    // Where infra/docker puts it in the image.
    console: '/usr/share/switchboard',
    upstreams: Object.fromEntries(names.map((name) => [name, [`${name}:${SERVICES[name]}`]])) as Record<
      Service,
      string[]
    >,
    trustedProxies: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  })
  expect(readText('base/nginx.conf'), 'run: pnpm --silent --filter @switchboard/k8s render').toBe(rendered)
})
