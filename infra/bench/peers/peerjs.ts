import { PeerServer } from 'peer'
import { PORT } from './listen.ts'

PeerServer({ port: PORT, host: '127.0.0.1', path: '/', concurrent_limit: 20_000 })
