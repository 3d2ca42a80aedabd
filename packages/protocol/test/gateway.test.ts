import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROUTES, SERVICES, serviceOf } from '../src/gateway.ts'

test.each(Object.entries(ROUTES))(
  '%s belongs to %s, with whatever comes below it or after a question mark',
  (path, service) => {
    for (const url of [path, `${path}?a=/x`, `${path}/below`, `${path}/below?a=1`])
      expect(serviceOf(url)).toBe(service)
  },
)

test('a path that only starts with the same letters does not', () => {
  expect(serviceOf('/authx')).toBeUndefined()
  expect(serviceOf('/gone')).toBeUndefined()
})

test('the longest prefix decides', () => {
  expect(serviceOf('/api/v1/user/auth')).toBe('ide')
  expect(serviceOf('/api/v1/users/1')).toBe('chat')
  expect(serviceOf('/user/register')).toBe('nemesis')
})

test('health, readiness and metrics are nobody’s at the gateway', () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/', '']) expect(serviceOf(path)).toBeUndefined()
})

test('any text has a service or none, and never an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.webPath(), fc.constantFrom('/__proto__', '/constructor', '//', '?')),
      (url) => {
        const service = serviceOf(url)
        expect(service === undefined || service in SERVICES).toBe(true)
      },
    ),
  )
})
