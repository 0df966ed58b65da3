import type { AuditConsistency } from '../../contract/audit.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { consistencyRanges, isConsistent } from './merkle-tree.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { readRangeRoots } from './read-hashes.ts'

/**
 * Proves that the log of one checkpoint is what that of a later one began as: that nothing in it was changed or taken away since.
 *
 * @param input.to the number of the later one; the last by default
 * @throws NOT_FOUND, also when `to` is before `from`
 */
export async function proveConsistency(
  { db }: Pick<Services, 'db'>,
  _principal: AppPrincipal,
  input: { from: number; to?: number | undefined },
): Promise<AuditConsistency> {
  const [from, to] = await Promise.all([readCheckpoint(db, input.from), readCheckpoint(db, input.to)])
  if (from.size > to.size) throw notFound('checkpoint after the first')
  const path = await readRangeRoots(db, consistencyRanges(from.size, to.size))
  const [before, after] = [from, to].map(({ size, root }) => ({ size, root: Buffer.from(root, 'hex') }))
  if (!isConsistent(before!, after!, path))
    throw new Error(`the log of checkpoint ${from.number} is not what it was: run provider audit verify`)
  return { from, to, path: path.map((hash) => hash.toString('hex')) }
}
