/** Steps between one power of two and the next: values are told apart to within 1.6 %. */
const STEPS = 64

/** How often which duration was seen. */
export class Histogram {
  readonly #counts = new Uint32Array(32 * STEPS)
  #total = 0

  /** @param milliseconds up to 35 minutes */
  add(milliseconds: number): void {
    const micros = Math.max(1, Math.round(milliseconds * 1000))
    const index = stepOf(micros)
    this.#counts[index] = (this.#counts[index] as number) + 1
    this.#total++
  }

  /** The milliseconds that a share of all values (0 to 1) does not exceed; `undefined` where nothing was added. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined
    let left = Math.max(1, Math.ceil(share * this.#total))
    const index = this.#counts.findIndex((count) => {
      left -= count
      return left <= 0
    })
    return microsOf(index) / 1000
  }
}

function stepOf(micros: number): number {
  if (micros < STEPS) return micros
  const shift = 31 - Math.clz32(micros) - Math.log2(STEPS)
  return (shift + 1) * STEPS + (micros >> shift) - STEPS
}

function microsOf(index: number): number {
  if (index < STEPS) return index
  const shift = Math.floor(index / STEPS) - 1
  return ((index % STEPS) + STEPS) * 2 ** shift
}
