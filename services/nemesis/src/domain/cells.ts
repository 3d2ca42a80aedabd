/**
 * What a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection. Apostrophes before it
 * count too, so that one more can be put before any text and taken off again.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/

export const isFormula = (cell: string): boolean => FORMULA.test(cell) && !cell.startsWith("'")

/** A cell that no spreadsheet calculates. */
export const harmless = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)

/** The text of a cell that {@link harmless} made. */
export const textOf = (cell: string): string =>
  FORMULA.test(cell) && cell.startsWith("'") ? cell.slice(1) : cell
