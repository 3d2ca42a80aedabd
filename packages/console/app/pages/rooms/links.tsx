import { useSignal } from '@preact/signals'
import { getLinks, type Link, removeLink } from '@switchboard/sdk/chat'
import { Field, Form, Problem } from '../../parts/form.tsx'
import { Name } from '../../parts/text.tsx'
import { server } from '../../state/session.ts'
import { LINK_KINDS, type LinkKind } from './link-kinds.ts'

const nameOf = ({ kind, ...link }: Link): string => {
  const { name, token, id } = link as { name?: string; token?: string; id?: string }
  return name ?? id ?? (token === undefined ? kind : `${token}…`)
}

/** What happens elsewhere and is told in this room. Anybody sees it, the room's owner changes it. */
export function Links({ room }: { room: string }) {
  const links = useSignal<readonly Link[] | undefined>(undefined)
  const kind = useSignal<LinkKind>(LINK_KINDS[0])
  const problem = useSignal<unknown>(undefined)
  const load = async () => {
    links.value = await getLinks(server(), room)
  }
  const attempt = (work: () => Promise<unknown>) => {
    problem.value = undefined
    work()
      .then(load)
      .catch((error: unknown) => {
        problem.value = error
      })
  }
  const { label, More } = kind.value
  return (
    <details
      class="links"
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) attempt(async () => {})
      }}
    >
      <summary>Links</summary>
      {problem.value !== undefined && <Problem error={problem.value} />}
      <ul aria-label="Links">
        {links.value?.map((link) => (
          <li key={link.linkId}>
            {link.kind} <Name of={nameOf(link)} />{' '}
            <button
              type="button"
              class="bare"
              aria-label={`unlink ${nameOf(link)}`}
              onClick={() => attempt(() => removeLink(server(), room, link.linkId))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <div class="tabs">
        {LINK_KINDS.map((one) => (
          <button
            key={one.title}
            type="button"
            aria-pressed={kind.value === one}
            onClick={() => {
              kind.value = one
            }}
          >
            {one.title}
          </button>
        ))}
      </div>
      <Form
        key={kind.value.title}
        class="inline"
        submit="Link"
        resets
        onSubmit={async ({ value = '', ...more }) => {
          await kind.value.make(room, value.trim(), more)
          await load()
        }}
      >
        <Field label={label} name="value" required />
        {More && <More />}
      </Form>
    </details>
  )
}
