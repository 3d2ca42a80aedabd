import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { expect, it } from 'vitest'
import { checker } from '../src/decode.ts'

/** A fenced block of a spec page, ```` ```json <way> <name> ````. */
export interface Vector {
  way: string
  name: string
  json: string
}

export function readVectors(page: string): Vector[] {
  const text = readFileSync(new URL(`../spec/${page}.md`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```json (\w+) ([\w-]+)\n(.*?)^```$/gms)].map(
    ([, way = '', name = '', json = '']) => ({ way, name, json }),
  )
}

/** The page shows each message of the wire, and each message that it shows obeys its schema. */
export function vectorsObey(
  vectors: readonly Vector[],
  schemas: Readonly<Record<string, Record<string, TSchema>>>,
): void {
  it('name every message of the wire', () => {
    for (const [way, messages] of Object.entries(schemas))
      for (const name of Object.keys(messages)) {
        const found = vectors.some((vector) => vector.way === way && vector.name === name)
        expect(found, `${way} ${name}`).toBe(true)
      }
  })

  it.each(vectors)('$way $name obeys its schema', ({ way, name, json }) => {
    const schema = schemas[way]?.[name]
    if (!schema) throw new Error(`${way} ${name} is nothing on this wire`)
    expect(checker(schema)(JSON.parse(json))).toMatchObject({ ok: true })
  })
}
