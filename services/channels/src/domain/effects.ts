/** What a message of a client leads to. */
export type Effect =
  /** To the connection that spoke. */
  | { kind: 'reply'; frame: string }
  /** To everyone in the channel. */
  | { kind: 'publish'; channel: string; frame: string }
  /** In it; then everyone in it is told, the newcomer too. */
  | { kind: 'enter'; channel: string; frame: string }
  /** Everyone in it is told, the leaver too, who is then out of it. */
  | { kind: 'leave'; channel: string; frame: string }
  /** Answers who is in the channel, or who is connected. */
  | { kind: 'list'; channel: string | undefined }
  | { kind: 'register'; password: string }
  | { kind: 'logout' }
