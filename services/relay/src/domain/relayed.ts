import { RELAYED_BODY_MAX, type Relayed } from '@switchboard/protocol/between'
import { bodyText } from './body.ts'
import type { Incoming } from './incoming.ts'

/** No charset of the Encoding Standard takes more for a character, apart from what switches between its tables. */
const CHARACTER_MAX_BYTES = 4

/** The first characters, counted in code points, so that none is cut in two. */
function firstOf(text: string, most: number): string {
  if (text.length <= most) return text
  let end = 0
  for (let count = 0; count < most && end < text.length; count++)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  return text.slice(0, end)
}

/** What those hear of a request who listen to its token. */
export function relayedOf({ id, method, url, headers, body }: Incoming): Relayed {
  const [path = '/'] = url.split('?', 1)
  const contentType = headers['content-type']
  // One more, for a mark of the byte order, which is none of the text.
  const start = body?.subarray(0, (RELAYED_BODY_MAX + 1) * CHARACTER_MAX_BYTES)
  const text = start && bodyText(start, typeof contentType === 'string' ? contentType : '')
  return { id, method, path, body: firstOf(text ?? '', RELAYED_BODY_MAX) }
}
