import type { AttestationEvidence } from '../attestations.ts'
import type { ChainsettleClient } from './client.ts'
import { ChainsettleError } from './errors.ts'
import type { RegistrySettlement } from './read-settlements.ts'
import { statusOf } from './to-attestation.ts'

/**
 * What the HTTP interface says of a settlement, where that differs from what the chain says. It may be ahead of a chain that is read some
 * blocks deep, or have forgotten; either way it does not count.
 *
 * @throws ChainsettleError when it does not answer
 */
export async function contradictionOf(
  client: ChainsettleClient,
  settlement: RegistrySettlement,
  signal: AbortSignal,
): Promise<AttestationEvidence['contradiction'] | null> {
  try {
    const { status, finalized } = await client.getSettlementStatus(settlement.idHash, { signal })
    const told = statusOf({ ...settlement, status, finalized: finalized ?? settlement.finalized })
    return told === statusOf(settlement) ? null : { source: 'http', status: told }
  } catch (error) {
    if (error instanceof ChainsettleError && error.reason === 'not_found') return { source: 'http', status: 'unknown' }
    throw error
  }
}
