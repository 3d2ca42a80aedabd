/** Where prepared statements are run, for what each log-in and connection costs; kit's `Database` is one. */
export interface Statements {
  /** Rejects where the database does not answer. */
  query<Row extends Record<string, unknown>>(
    statement: { name: string; text: string },
    parameters: unknown[],
  ): Promise<Row[]>
}
