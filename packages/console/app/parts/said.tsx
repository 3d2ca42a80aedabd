import { shortTime } from '../state/time.ts'
import { Name, Words } from './text.tsx'

interface SaidProps {
  by: string
  /** Milliseconds since the epoch. */
  at: number
  text: string
  isMine: boolean
}

/** One message of somebody's. */
export const Said = ({ by, at, text, isMine }: SaidProps) => (
  <article class="message" data-mine={isMine}>
    <p class="by">
      <Name of={by} />
      <time dateTime={new Date(at).toISOString()}>{shortTime(at)}</time>
    </p>
    <Words of={text} />
  </article>
)
