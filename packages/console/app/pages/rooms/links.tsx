import { useSignal } from '@preact/signals'
import { addLink, getLinks, type Link, type LinkTarget, removeLink } from '@switchboard/sdk/chat'
import { Field, Form, Problem } from '../../parts/form.tsx'
import { Name } from '../../parts/text.tsx'
import { server } from '../../state/session.ts'

const KINDS = [
  { kind: 'channel', title: 'a channel', label: 'Channel' },
  { kind: 'relay', title: 'a relay’s address', label: 'Token' },
  { kind: 'space', title: 'a space', label: 'Space' },
] as const

function target(kind: string, value: string): LinkTarget {
  if (kind === 'relay') return { kind, token: value.replace(/^.*\/go\//, '') }
  return kind === 'space' ? { kind, id: value } : { kind: 'channel', name: value }
}

const nameOf = ({ kind, ...link }: Link): string => {
  const { name, token, id } = link as { name?: string; token?: string; id?: string }
  return name ?? id ?? (token === undefined ? kind : `${token}…`)
}

/** What happens elsewhere and is told in this room. Anybody sees it, the room's owner changes it. */
export function Links({ room }: { room: string }) {
  const links = useSignal<readonly Link[] | undefined>(undefined)
  const kind = useSignal<string>('channel')
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
        {KINDS.map((one) => (
          <button
            key={one.kind}
            type="button"
            aria-pressed={kind.value === one.kind}
            onClick={() => {
              kind.value = one.kind
            }}
          >
            {one.title}
          </button>
        ))}
      </div>
      <Form
        class="inline"
        submit="Link"
        resets
        onSubmit={async ({ value = '' }) => {
          await addLink(server(), room, target(kind.value, value.trim()))
          await load()
        }}
      >
        <Field label={KINDS.find((one) => one.kind === kind.value)?.label ?? ''} name="value" required />
      </Form>
    </details>
  )
}
