import type { Message as MessageFacts } from '@switchboard/sdk/chat'
import { Name, Words } from '../../parts/text.tsx'
import { session } from '../../state/session.ts'
import { shortTime } from '../../state/time.ts'

export function Message({ of: { sender, text, createTime } }: { of: MessageFacts }) {
  const ms = createTime * 1000
  const isMine = sender.id !== 0 && sender.id === session.peek()?.user.id
  return (
    <article class="message" data-mine={isMine}>
      <p class="by">
        <Name of={sender.username} />
        <time dateTime={new Date(ms).toISOString()}>{shortTime(ms)}</time>
      </p>
      <Words of={text} />
    </article>
  )
}
