import { auditKey, publicKeysOf } from '../../server/domain/audit/keys.ts'
import { readCheckpoint } from '../../server/domain/audit/read-checkpoint.ts'
import { sealLeaves } from '../../server/domain/audit/seal-leaves.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import type { World } from './world.ts'

/** The key of the world's log. */
export const worldKey = auditKey('sandbox', Buffer.from(sandboxSecrets.auditSeed, 'base64url'))

/** Seals whatever waits in a world whose workers do not run. Answers with the last checkpoint. */
export async function sealAll({ built }: World) {
  const { db } = built.services
  while (await sealLeaves(db, { key: worldKey, publicKeys: publicKeysOf([worldKey]), now: new Date() }));
  return readCheckpoint(db)
}
