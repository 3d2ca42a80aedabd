import { type Signal, signal } from '@preact/signals'
import { connectIde, type StateChange, type SwitchboardError } from '@switchboard/sdk/ide'
import { applyUpdate, Doc, encodeStateAsUpdate, type Text } from 'yjs'
import { SERVER, type Session } from '../../state/session.ts'
import { stateOf } from '../../state/state-of.ts'
import { createMesh } from './mesh.ts'
import { type Letter, readLetter } from './signals.ts'

export interface OpenSpace {
  readonly state: Signal<StateChange>
  /** Who else is there. */
  readonly others: Signal<readonly string[]>
  /** By person, to how many of their pages there is a direct line. */
  readonly lines: Signal<ReadonlyMap<string, number>>
  readonly problem: Signal<SwitchboardError | undefined>
  /** Shared with all who are there; ends with the last of them. */
  readonly text: Text
  close(): void
}

export function openSpace(space: string, { token, user: { username } }: Session): OpenSpace {
  const others = signal<readonly string[]>([])
  const lines = signal<ReadonlyMap<string, number>>(new Map())
  const problem = signal<SwitchboardError | undefined>(undefined)
  const doc = new Doc()
  const ide = connectIde({ ...SERVER, token })
  const state = stateOf(ide)
  const mesh = createMesh({
    tell(user, signal) {
      const letter: Letter = { console: 1, space, signal }
      if (ide.state === 'open') ide.send(user, letter)
    },
    greeting: () => encodeStateAsUpdate(doc),
    onBytes: (bytes, origin) => applyUpdate(doc, bytes, origin),
    onChange(open) {
      lines.value = open
    },
  })
  const isThere = (user: string) => user === username || others.peek().includes(user)
  const came = (user: string) => {
    if (!isThere(user)) others.value = [...others.peek(), user]
  }

  doc.on('update', (bytes: Uint8Array, origin: unknown) => mesh.broadcast(bytes, origin))
  ide.on('users', (now) => {
    if (now.space !== space) return
    others.value = now.users
    for (const user of [username, ...now.users]) mesh.greet(user)
  })
  ide.on('joined', (place) => {
    if (place.space === space) came(place.user)
  })
  ide.on('died', ({ user, space: where }) => {
    if (where !== space) return
    others.value = others.peek().filter((one) => one !== user)
    mesh.left(user)
  })
  ide.on('message', ({ from, data }) => {
    const signal = readLetter(data, space)
    // The text is for those who are in the space: whoever is not may know our name all the same.
    if (signal && isThere(from)) mesh.heard(from, signal)
  })
  ide.on('failure', ({ error, space: where }) => {
    if (where === space) problem.value = error
  })
  ide.enter(space).catch((error: SwitchboardError) => {
    problem.value = error
  })
  return {
    state,
    others,
    lines,
    problem,
    text: doc.getText('text'),
    close() {
      mesh.close()
      ide.close()
      doc.destroy()
    },
  }
}
