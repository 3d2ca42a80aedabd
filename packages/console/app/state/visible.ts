/**
 * What a name would hide or turn around: control and format characters (zero-width ones, bidirectional overrides), lone
 * surrogates, separators of lines, and what Unicode draws as nothing.
 */
const HIDDEN_IN_NAMES = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** In texts people need joiners, for Persian and for emoji, and lines. Overrides are shown. */
const HIDDEN_IN_TEXTS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\p{Cs}]|(?![\n\t])\p{Cc}/u

export type Piece = { text: string } | { escape: string }

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

function pieces(text: string, hidden: RegExp): Piece[] {
  const found: Piece[] = []
  let last = 0
  for (const { 0: character, index } of text.matchAll(new RegExp(hidden, 'gu'))) {
    if (index > last) found.push({ text: text.slice(last, index) })
    found.push({ escape: codeOf(character) })
    last = index + character.length
  }
  if (last < text.length) found.push({ text: text.slice(last) })
  return found
}

/** A name as it may be shown: what it hides is told. */
export const piecesOfName = (name: string): Piece[] => pieces(name, HIDDEN_IN_NAMES)

export const piecesOfText = (text: string): Piece[] => pieces(text, HIDDEN_IN_TEXTS)
