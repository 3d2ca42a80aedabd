import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Text, YTextEvent } from 'yjs'
import { editBetween, moved } from './edit.ts'

/** Most characters that are typed into it: all of it goes in one message to whoever comes. */
const LENGTH_MAX = 50_000

/** A box whose text is everyone's. */
export function SharedText({ text }: { text: Text }) {
  const box = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    const { current } = box
    if (!current) return
    const show = ({ delta }: YTextEvent) => {
      const now = text.toString()
      if (current.value === now) return
      const { selectionStart, selectionEnd } = current
      current.value = now
      current.setSelectionRange(moved(selectionStart, delta), moved(selectionEnd, delta))
    }
    current.value = text.toString()
    text.observe(show)
    return () => text.unobserve(show)
  }, [text])

  function typed(now: string): void {
    const { at, removed, inserted } = editBetween(text.toString(), now)
    text.doc?.transact(() => {
      if (removed > 0) text.delete(at, removed)
      if (inserted !== '') text.insert(at, inserted)
    })
  }
  return (
    <textarea
      ref={box}
      class="shared"
      dir="auto"
      aria-label="Shared text"
      placeholder="What is written here, everyone in the space sees."
      maxLength={LENGTH_MAX}
      onInput={({ currentTarget }) => typed(currentTarget.value)}
    />
  )
}
