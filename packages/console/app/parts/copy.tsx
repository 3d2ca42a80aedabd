import { useSignal } from '@preact/signals'

interface CopyProps {
  label: string
  text(): string
}

/** Puts a text on the clipboard, where the browser lets it (HTTPS, or this machine). */
export function Copy({ label, text }: CopyProps) {
  const said = useSignal<string | undefined>(undefined)
  const copy = () =>
    navigator.clipboard.writeText(text()).then(
      () => 'copied',
      () => 'not allowed',
    )
  return (
    <button
      type="button"
      onClick={async () => {
        said.value = navigator.clipboard ? await copy() : 'only over HTTPS'
      }}
    >
      {label}
      {said.value && <span role="status">: {said.value}</span>}
    </button>
  )
}
