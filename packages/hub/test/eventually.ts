/** Waits until it is so, looking each 5 ms; fails after 20 s. */
export async function eventually(
  so: () => boolean | Promise<boolean>,
  what = 'it was not so',
): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await so())) {
    if (performance.now() > end) throw new Error(`waited 20 s in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
