import type { AuditProof } from '../../contract/audit.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { leafColumns, leafOf } from './leaf-of.ts'
import { inclusionRanges, isIncluded } from './merkle-tree.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { readRangeRoots } from './read-hashes.ts'

/**
 * Proves that a leaf of the app is in the log. Of the leaves of other apps it shows hashes alone, from which nothing can be
 * learned: each leaf has random ids and the hash of the leaf before in it.
 *
 * @throws NOT_FOUND
 */
export async function proveLeaf(
  { db }: Pick<Services, 'db'>,
  principal: AppPrincipal,
  { objectId, sequence }: { objectId: string; sequence: bigint },
): Promise<AuditProof> {
  const row = await db
    .selectFrom('audit')
    .select(leafColumns)
    .where('stream', '=', objectId)
    .where('sequence', '=', sequence)
    .where('app_id', '=', principal.appId)
    .executeTakeFirst()
  if (!row) throw notFound('leaf of an audit trail')
  const leaf = leafOf(row)
  // before the checkpoint, which then has it
  const position = await db
    .selectFrom('audit_position')
    .select('leaf_index')
    .where('stream', '=', objectId)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  if (!position) return { leaf, seal: null }

  const index = Number(position.leaf_index)
  const checkpoint = await readCheckpoint(db)
  const path = await readRangeRoots(db, inclusionRanges(index, checkpoint.size))
  if (!isIncluded(row.hash, index, { size: checkpoint.size, root: Buffer.from(checkpoint.root, 'hex') }, path))
    throw new Error(`leaf ${sequence} of ${objectId} is not what was sealed: run provider audit verify`)
  return { leaf, seal: { index, path: path.map((hash) => hash.toString('hex')), checkpoint } }
}
