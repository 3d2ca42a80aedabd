import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { inWords } from '../state/words.ts'

interface FieldProps {
  label: string
  name: string
  hint?: string
  type?: 'text' | 'password' | 'email' | 'url'
  autocomplete?: 'off' | 'username' | 'current-password' | 'new-password' | 'email'
  required?: boolean
  /** What stands there at first, and again once the form is emptied. */
  value?: string
  pattern?: string
}

export function Field({ label, hint, type = 'text', autocomplete = 'off', value, ...input }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        // Preact's types know each kind of input; what is set here is the same for these.
        type={type as 'text'}
        autocomplete={autocomplete}
        {...(value !== undefined && { defaultValue: value })}
        {...(hint !== undefined && { 'aria-describedby': `${id}-hint` })}
        {...input}
      />
      {hint && (
        <small id={`${id}-hint`} class="quiet">
          {hint}
        </small>
      )}
    </div>
  )
}

export const Problem = ({ error }: { error: unknown }) => (
  <p class="problem" role="alert">
    {inWords(error)}
  </p>
)

interface FormProps {
  /** Gets what was typed, by the fields' names. What it rejects with is shown below. */
  onSubmit(values: Record<string, string>): Promise<unknown> | unknown
  submit: string
  class?: string
  /** Fields are emptied once it worked. */
  resets?: boolean
  children?: ComponentChildren
}

export function Form({ onSubmit, submit, resets = false, children, class: className = 'form' }: FormProps) {
  const error = useSignal<unknown>(undefined)
  const isBusy = useSignal(false)

  async function run(form: HTMLFormElement): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    error.value = undefined
    try {
      const entries = [...new FormData(form)].map(([name, value]) => [name, `${value}`])
      await onSubmit(Object.fromEntries(entries) as Record<string, string>)
      if (resets) form.reset()
    } catch (thrown) {
      error.value = thrown
    } finally {
      isBusy.value = false
    }
  }
  return (
    <form
      class={className}
      onSubmit={(event) => {
        event.preventDefault()
        void run(event.currentTarget)
      }}
    >
      {children}
      <button type="submit" class="primary" aria-busy={isBusy.value}>
        {submit}
      </button>
      {error.value !== undefined && <Problem error={error.value} />}
    </form>
  )
}
