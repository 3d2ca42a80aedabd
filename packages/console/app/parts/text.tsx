import { type Piece, piecesOfName, piecesOfText } from '../state/visible.ts'

const shown = (pieces: readonly Piece[]) =>
  pieces.map((piece, index) =>
    'text' in piece ? (
      piece.text
    ) : (
      <span key={index} class="escape">
        {piece.escape}
      </span>
    ),
  )

/** Somebody's or something's name, on its own: it neither turns around what stands beside it nor hides what is in it. */
export const Name = ({ of }: { of: string }) => (
  <bdi class="name">{of === '' ? <span class="escape">empty</span> : shown(piecesOfName(of))}</bdi>
)

/** What somebody said: text, in the direction of its own first letter. */
export const Words = ({ of }: { of: string }) => (
  <p class="words" dir="auto">
    {shown(piecesOfText(of))}
  </p>
)
