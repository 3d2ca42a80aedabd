import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { Problem } from './form.tsx'

interface ComposerProps {
  label: string
  /** What it rejects with is shown, and the text comes back. */
  send(text: string): Promise<unknown>
}

export function Composer({ label, send }: ComposerProps) {
  const box = useRef<HTMLTextAreaElement>(null)
  const error = useSignal<unknown>(undefined)

  async function submit(): Promise<void> {
    const { current } = box
    const text = current?.value ?? ''
    if (!current || text.trim() === '') return
    current.value = ''
    error.value = undefined
    try {
      await send(text)
    } catch (thrown) {
      error.value = thrown
      if (current.value === '') current.value = text
    }
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <textarea
        ref={box}
        name="text"
        rows={1}
        dir="auto"
        placeholder={label}
        aria-label={label}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          void submit()
        }}
      />
      <button type="submit" class="primary">
        Send
      </button>
      {error.value !== undefined && <Problem error={error.value} />}
    </form>
  )
}
