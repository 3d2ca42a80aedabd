import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findServer } from './servers.ts'

const run = promisify(execFile)

/** Files in PEM. */
export interface Certificates {
  /** Of the authority that signed `certificate`. */
  ca: string
  certificate: string
  key: string
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** An authority that nobody knows, and a server's certificate of it for these names, in `dir`. */
export async function makeCertificates(
  dir: string,
  names = 'IP:127.0.0.1,DNS:localhost',
): Promise<Certificates> {
  const openssl = findServer('openssl')
  if (!openssl) throw new Error('openssl is not installed')
  const file = (name: string) => join(dir, name)
  const [ca, caKey, certificate, key] = ['ca.pem', 'ca.key', 'server.pem', 'server.key'].map(file) as [
    string,
    string,
    string,
    string,
  ]
  const request = ['req', '-x509', ...KEY, '-subj']
  await run(openssl, [...request, '/CN=An authority for a test', '-keyout', caKey, '-out', ca])
  const leaf = [
    '-addext',
    `subjectAltName=${names}`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-CA',
    ca,
    '-CAkey',
    caKey,
  ]
  await run(openssl, [...request, '/CN=localhost', ...leaf, '-keyout', key, '-out', certificate])
  return { ca, certificate, key }
}
