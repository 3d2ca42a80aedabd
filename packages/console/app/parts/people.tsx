import { Name } from './text.tsx'

interface PeopleProps {
  label: string
  names: readonly string[]
}

export const People = ({ label, names }: PeopleProps) => (
  <ul class="people" aria-label={label}>
    {names.map((name) => (
      <li key={name}>
        <Name of={name} />
      </li>
    ))}
  </ul>
)
