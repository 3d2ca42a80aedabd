import { useEffect } from 'preact/hooks'
import { OpenByName } from '../../parts/open-by-name.tsx'
import { keep } from '../../state/kept.ts'
import { Room } from './room.tsx'

const rooms = keep('rooms')

export function Rooms({ name }: { name: string | undefined }) {
  useEffect(() => {
    if (name !== undefined) rooms.add(name)
  }, [name])
  return (
    <div class="two" data-open={name !== undefined}>
      <OpenByName page="rooms" label="Room" submit="Enter" kept={rooms} current={name} />
      {name === undefined ? (
        <section class="page">
          <h1>Rooms</h1>
          <p class="quiet">A room is there from the first time that somebody enters it.</p>
        </section>
      ) : (
        <Room key={name} name={name} />
      )}
    </div>
  )
}
