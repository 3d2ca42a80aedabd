import type { HttpError } from '@switchboard/kit/http-error'

/** Both spellings of the name are the document's. */
export const failure = ({ code, message }: HttpError) => ({
  error: { type: code, Type: code, message },
  data: null,
})

export const success = <T>(data: T) => ({ error: null, data })

/** Data that is JSON already. */
export const successJson = (data: string): string => `{"error":null,"data":${data}}`
