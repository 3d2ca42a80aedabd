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
  {
    page: 'channels',
    title: 'Channels',
    about: 'Talk under a nickname, kept nowhere',
    load: async () => (await import('./channels/channels.tsx')).Channels,
  },
  {
    page: 'relay',
    title: 'Relay',
    about: 'An address for webhooks, seen live',
    load: async () => (await import('./relay/relay.tsx')).RelayPage,
  },
  {
    page: 'spaces',
    title: 'Spaces',
    about: 'Meet, connect directly, share a text',
    load: async () => (await import('./spaces/spaces.tsx')).Spaces,
  },
  {
    page: 'repos',
    title: 'Repos',
    about: 'Spaces that are closed to others',
    load: async () => (await import('./repos/repos.tsx')).Repos,
  },
  {
    page: 'people',
    title: 'People',
    about: 'Where somebody is, in all services',
    load: async () => (await import('./people/people.tsx')).People,
  },
  {
    page: 'college',
    title: 'College',
    about: 'A team leader’s people and newcomers',
    load: async () => (await import('./college/college.tsx')).College,
  },
  {
    page: 'status',
    title: 'Status',
    about: 'Which services answer this page',
    load: async () => (await import('./status/status.tsx')).Status,
  },
]
