import { inWords } from '../../state/words.ts'
import type { OpenRoom } from './open-room.ts'

/** Whoever pressed it reads on in the list, when it is gone too. */
const focusList = (button: HTMLElement) => button.closest<HTMLElement>('[role="log"]')?.focus()

/** What stands before the first message that is here. */
export function EarlierMessages({ room: { earlier, loadEarlier } }: { room: OpenRoom }) {
  const { value } = earlier
  if (value === 'unknown') return null
  if (value === 'nothing') return <p class="quiet">This is the beginning of the room.</p>
  return (
    <>
      {typeof value === 'object' && (
        <p class="problem" role="alert">
          {inWords(value.problem)}
        </p>
      )}
      <button
        type="button"
        aria-busy={value === 'loading'}
        onClick={({ currentTarget }) => {
          focusList(currentTarget)
          void loadEarlier()
        }}
      >
        {value === 'loading' ? 'Loading earlier messages…' : 'Earlier messages'}
      </button>
    </>
  )
}
