import { expect } from 'vitest'

export interface Answer<T = unknown> {
  status: number
  headers: Headers
  error: { type: string; Type: string; message: string } | null
  data: T
}

/** Any answer of the service, which must have the generic form. */
async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const body = (await response.json()) as Record<string, unknown>
  if (Object.keys(body).sort().join() !== 'data,error')
    throw new Error(`not generic: ${JSON.stringify(body)}`)
  const { status, headers } = response
  return { status, headers, error: body['error'] as Answer['error'], data: body['data'] as T }
}

export const get = async <T = unknown>(url: string, token?: string): Promise<Answer<T>> =>
  answerOf<T>(await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }))

/** A string is sent as it is, anything else as JSON. */
export async function post<T = unknown>(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const json = { 'content-type': 'application/json', ...headers }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return answerOf<T>(await fetch(url, { method: 'POST', headers: json, body: text }))
}

/** DELETE, with a JSON body where there is one. */
export async function remove<T = unknown>(url: string, token: string, body?: unknown): Promise<Answer<T>> {
  const authorization = `Bearer ${token}`
  return answerOf<T>(
    await fetch(
      url,
      body === undefined
        ? { method: 'DELETE', headers: { authorization } }
        : {
            method: 'DELETE',
            headers: { authorization, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          },
    ),
  )
}

/** The generic failure in full, for `toMatchObject`. */
export const failure = (status: number, type: string) => ({
  status,
  error: { type, Type: type, message: expect.stringMatching(/./) },
  data: null,
})
