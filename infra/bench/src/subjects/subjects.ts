import { argon2 } from './argon2.ts'
import { ngircd } from './ngircd.ts'
import { OURS } from './ours.ts'
import { nodePeer } from './peer.ts'
import type { Subject } from './subject.ts'
import { uws } from './uws.ts'

/** Everything that can be measured by a load, by name. */
export const SUBJECTS = {
  ...OURS,
  uws,
  'ws-collect': nodePeer('ws-collect', { file: 'ws-collect.ts', module: 'ws', wire: 'room' }),
  'ws-naive': nodePeer('ws-naive', { file: 'ws-naive.ts', module: 'ws', wire: 'room' }),
  'socket.io': nodePeer('socket.io', { file: 'socket-io.ts', module: 'socket.io', wire: 'socketIo' }),
  peerjs: nodePeer('peerjs', { file: 'peerjs.ts', module: 'peer', wire: 'peerJs' }),
  ngircd,
  'bare-argon2': argon2,
  'bare-relay': nodePeer('bare-relay', {
    file: 'relay.ts',
    module: 'socket.io',
    wire: 'room',
    prepared: { relayPath: '/hook/t0', query: '&token=t0' },
  }),
} satisfies Record<string, Subject>

export type SubjectName = keyof typeof SUBJECTS
