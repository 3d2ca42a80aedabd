import type { ComponentType } from 'preact'

export interface Page {
  /** Of its address: `#/rooms`. */
  page: string
  title: string
  about: string
  /** Its code, which is fetched when it is first looked at. */
  load(): Promise<ComponentType<{ name: string | undefined }>>
}

export const PAGES: readonly Page[] = [
  {
    page: 'rooms',
    title: 'Rooms',
    about: 'Chat that is kept',
    load: async () => (await import('./rooms/rooms.tsx')).Rooms,
  },
]
