import type { Kept } from '../state/kept.ts'
import { goTo, linkTo } from '../state/route.ts'
import { Field, Form } from './form.tsx'
import { Name } from './text.tsx'

interface OpenByNameProps {
  page: string
  label: string
  submit: string
  kept: Kept
  current: string | undefined
  /** What the name must look like, as of an `input`. */
  pattern?: string
}

/** Opens something by its name, or one of those that were open before. */
export const OpenByName = ({ page, label, submit, kept, current, pattern }: OpenByNameProps) => (
  <aside class="names">
    <Form class="inline" submit={submit} resets onSubmit={({ name = '' }) => goTo(page, name.trim())}>
      <Field label={label} name="name" required {...(pattern && { pattern })} />
    </Form>
    <ul>
      {kept.names.value.map((name) => (
        <li key={name}>
          <a href={linkTo(page, name)} aria-current={name === current ? 'page' : undefined}>
            <Name of={name} />
          </a>
          <button type="button" class="bare" aria-label={`forget ${name}`} onClick={() => kept.remove(name)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  </aside>
)
