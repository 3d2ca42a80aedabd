import type { Signal } from './signals.ts'

/** Without a server in between that the page would have to ask: it reaches who is in the same network. */
const CONFIGURATION: RTCConfiguration = { iceServers: [] }

export interface LineOptions {
  /** Of this page, and of the other. */
  from: string
  to: string
  tell(signal: Signal): void
  onOpen(): void
  /** What it throws ends the line. */
  onBytes(bytes: Uint8Array): void
  /** Once; not after `close`. */
  onLost(): void
}

/** A WebRTC data channel to another page. */
export interface Line {
  /** Of the other page, in its order. */
  heard(signal: Signal): Promise<void>
  offer(): Promise<void>
  send(bytes: Uint8Array): void
  close(): void
}

export function createLine({ from, to, tell, onOpen, onBytes, onLost }: LineOptions): Line {
  const connection = new RTCPeerConnection(CONFIGURATION)
  let channel: RTCDataChannel | undefined
  let isOver = false

  function close(): void {
    isOver = true
    connection.close()
  }
  function lost(): void {
    if (isOver) return
    close()
    onLost()
  }
  function take(opened: RTCDataChannel): void {
    channel = opened
    opened.binaryType = 'arraybuffer'
    opened.onopen = onOpen
    opened.onclose = lost
    opened.onmessage = ({ data }) => {
      try {
        if (data instanceof ArrayBuffer) onBytes(new Uint8Array(data))
      } catch {
        lost()
      }
    }
  }
  async function describe(kind: 'offer' | 'answer'): Promise<void> {
    await connection.setLocalDescription()
    tell({ kind, from, to, sdp: connection.localDescription?.sdp ?? '' })
  }
  connection.onicecandidate = ({ candidate: found }) => {
    if (!found) return
    const { candidate, sdpMid: mid, sdpMLineIndex: line } = found
    tell({ kind: 'candidate', from, to, candidate, mid, line })
  }
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === 'failed') lost()
  }
  connection.ondatachannel = (event) => take(event.channel)

  return {
    close,
    async offer() {
      take(connection.createDataChannel('text'))
      await describe('offer')
    },
    async heard(signal) {
      if (signal.kind === 'offer' || signal.kind === 'answer') {
        await connection.setRemoteDescription({ type: signal.kind, sdp: signal.sdp })
        if (signal.kind === 'offer') await describe('answer')
      } else if (signal.kind === 'candidate') {
        const { candidate, mid, line } = signal
        await connection.addIceCandidate({ candidate, sdpMid: mid, sdpMLineIndex: line })
      }
    },
    send(bytes) {
      if (channel?.readyState === 'open') channel.send(bytes as Uint8Array<ArrayBuffer>)
    },
  }
}
