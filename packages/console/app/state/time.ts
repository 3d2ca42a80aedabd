const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const DAY_MS = 86_400_000

/** The time of day, and for what is older the day too. `ms`: since the epoch. */
export const shortTime = (ms: number, now = Date.now()): string =>
  (now - ms < DAY_MS / 2 ? TIME : DATE).format(ms)
