import { Prisma } from './generated/client.ts'

/**
 * PostgreSQL quotes the row that it refused, the password's hash with it, in the error's detail. Errors are logged, so
 * the detail is taken out.
 */
export async function withoutRow<T>(write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError) {
      const { cause } = (error.meta?.['driverAdapterError'] ?? {}) as { cause?: { detail?: string } }
      delete cause?.detail
    }
    throw error
  }
}
