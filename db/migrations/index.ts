import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { firstTables } from './0001-first-tables.ts'
import { callers } from './0002-callers.ts'
import { rateLimit } from './0003-rate-limit.ts'
import { walletChain } from './0004-wallet-chain.ts'

const files = { '0001': firstTables, '0002': callers, '0003': rateLimit, '0004': walletChain }

/** Every migration in order, one statement each, named `0001-01-app` and so on. */
export const migrations: Record<string, Migration> = Object.fromEntries(
  Object.entries(files).flatMap(([file, statements]) =>
    Object.entries(statements).map(([name, statement], index) => [
      `${file}-${String(index + 1).padStart(2, '0')}-${name}`,
      {
        up: (db) =>
          sql
            .raw(statement)
            .execute(db)
            .then(() => {}),
      } satisfies Migration,
    ]),
  ),
)

/** The text of every migration, in order. */
export const migrationTexts: string[] = Object.values(files).flatMap((statements) => Object.values(statements))
