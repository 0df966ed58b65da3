import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { firstTables } from './0001-first-tables.ts'
import { callers } from './0002-callers.ts'
import { rateLimit } from './0003-rate-limit.ts'
import { walletChain } from './0004-wallet-chain.ts'
import { auditSeals } from './0005-audit-seals.ts'
import { lists } from './0006-lists.ts'
import { policies } from './0008-policies.ts'
import { onePolicyInForce } from './0009-one-policy-in-force.ts'
import { reports } from './0010-reports.ts'
import { localSigner } from './0011-local-signer.ts'
import { eerc } from './0012-eerc.ts'
import { twoPeople } from './0013-two-people.ts'
import { feed } from './0014-feed.ts'
import { inbox } from './0015-inbox.ts'
import { deliveries } from './0016-deliveries.ts'
import { ownWallets } from './0017-own-wallets.ts'
import { x402 } from './0018-x402.ts'
import { purchases } from './0019-purchases.ts'

const files = {
  '0001': firstTables,
  '0002': callers,
  '0003': rateLimit,
  '0004': walletChain,
  '0005': auditSeals,
  '0006': lists,
  '0008': policies,
  '0009': onePolicyInForce,
  '0010': reports,
  '0011': localSigner,
  '0012': eerc,
  '0013': twoPeople,
  '0014': feed,
  '0015': inbox,
  '0016': deliveries,
  '0017': ownWallets,
  '0018': x402,
  '0019': purchases,
}

/** A statement, or a few that are repeated together, for those that cannot say "if not exists". */
type Statements = string | readonly string[]

const textsOf = (statements: Statements): readonly string[] =>
  typeof statements === 'string' ? [statements] : statements

/** Every migration in order, named `0001-01-app` and so on. */
export const migrations: Record<string, Migration> = Object.fromEntries(
  Object.entries(files).flatMap(([file, entries]) =>
    Object.entries<Statements>(entries).map(([name, statements], index) => [
      `${file}-${String(index + 1).padStart(2, '0')}-${name}`,
      {
        async up(db) {
          for (const statement of textsOf(statements)) await sql.raw(statement).execute(db)
        },
      } satisfies Migration,
    ]),
  ),
)

/** The text of every migration, in order. */
export const migrationTexts: string[] = Object.values(files).flatMap((entries) =>
  Object.values<Statements>(entries).flatMap(textsOf),
)
