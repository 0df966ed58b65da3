import { type CompiledQuery, type DatabaseConnection, PostgresDriver } from 'kysely'
import { codeOf } from './retry.ts'

const attempts = 8

/**
 * PostgreSQL's driver, which asks a lone SELECT again that met others on its rows: under SERIALIZABLE that too can end with
 * 40001, and repeating a read changes nothing. Inside a transaction the whole body must be repeated, and is.
 */
export class RereadingDriver extends PostgresDriver {
  readonly #known = new WeakSet<DatabaseConnection>()
  readonly #inTransaction = new WeakSet<DatabaseConnection>()

  override async acquireConnection(
    ...options: Parameters<PostgresDriver['acquireConnection']>
  ): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection(...options)
    if (!this.#known.has(connection)) {
      this.#known.add(connection)
      const execute = connection.executeQuery.bind(connection)
      connection.executeQuery = (query, ...rest) =>
        this.#isLoneRead(connection, query) ? rereading(() => execute(query, ...rest)) : execute(query, ...rest)
    }
    return connection
  }

  #isLoneRead(connection: DatabaseConnection, { query }: CompiledQuery): boolean {
    return query.kind === 'SelectQueryNode' && !this.#inTransaction.has(connection)
  }

  override beginTransaction(...[connection, settings]: Parameters<PostgresDriver['beginTransaction']>): Promise<void> {
    this.#inTransaction.add(connection)
    return super.beginTransaction(connection, settings)
  }

  override async releaseConnection(...[connection]: Parameters<PostgresDriver['releaseConnection']>): Promise<void> {
    this.#inTransaction.delete(connection)
    await super.releaseConnection(connection)
  }
}

async function rereading<T>(execute: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await execute()
    } catch (error) {
      if (codeOf(error) !== '40001' || attempt === attempts) throw error
      // whoever it met has to get its turn: on a busy machine that takes longer than a few reads
      if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt))
    }
  }
}
