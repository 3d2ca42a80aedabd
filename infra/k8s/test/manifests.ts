import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse, parseAllDocuments } from 'yaml'

export type Labels = Record<string, string>

interface Port {
  name: string
  containerPort: number
}

interface KeyRef {
  name: string
  key: string
}

/** By the action: `httpGet`, `tcpSocket`, `exec`; beside numbers that nobody looks at. */
type Probe = Record<string, { port?: string; path?: string }>

interface Container {
  image: string
  ports: Port[]
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: KeyRef } }[]
  envFrom?: { configMapRef: { name: string } }[]
  volumeMounts: { name: string }[]
  securityContext: Record<string, unknown>
  startupProbe?: Probe
  livenessProbe?: Probe
  readinessProbe?: Probe
}

export interface PodTemplate {
  metadata: { labels: Labels; annotations?: Labels }
  spec: {
    containers: Container[]
    volumes?: { name: string; configMap?: { name: string } }[]
    topologySpreadConstraints?: { labelSelector: { matchLabels: Labels } }[]
    terminationGracePeriodSeconds?: number
    automountServiceAccountToken: boolean
    securityContext: Record<string, unknown>
  }
}

/** Only what the tests look at, and of whatever kind. */
export interface Manifest {
  kind: string
  metadata: { name: string }
  spec: {
    selector?: Labels & { matchLabels?: Labels }
    template?: PodTemplate
    volumeClaimTemplates?: { metadata: { name: string } }[]
    ports?: { name: string; port: number; targetPort: string }[]
  } & Record<string, unknown>
}

export interface Kustomization {
  resources: string[]
  configMapGenerator?: { name: string; files?: string[]; literals?: string[] }[]
  secretGenerator?: { name: string }[]
}

const pathOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

export const readText = (path: string): string => readFileSync(pathOf(path), 'utf8')

export const readKustomization = (folder: string): Kustomization =>
  parse(readText(`${folder}/kustomization.yaml`)) as Kustomization

export const yamlFiles = (folder: string): string[] =>
  readdirSync(pathOf(folder)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')

/** Every document below a folder. @throws where one does not parse, or says a key twice */
export function readManifests(folder: string): Manifest[] {
  return yamlFiles(folder).flatMap((name) =>
    parseAllDocuments(readText(`${folder}/${name}`)).map((document) => {
      for (const problem of [...document.errors, ...document.warnings]) throw problem
      return document.toJS() as Manifest
    }),
  )
}

/** Each `matchLabels` of a podSelector or selector in a manifest, however deep. */
export function selectorsOf(value: unknown): Labels[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const found = (inner as { matchLabels?: Labels } | null)?.matchLabels
    const own = found && ['selector', 'podSelector', 'labelSelector'].includes(key) ? [found] : []
    return [...own, ...selectorsOf(inner)]
  })
}
