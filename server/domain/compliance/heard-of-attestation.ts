import type { Hash } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { findWaitingOf, rescreen } from '../transactions/rescreen.ts'

/**
 * Something outside says that a settlement of Chainsettle's has changed: what was kept about whoever it is about is forgotten, so that it
 * is read again, and the payments that they wait with are asked about now. What the outside says of it is not looked at.
 *
 * It is this instance that forgets. Others believe what they have for as long as they keep it. Answers whether there is such a settlement.
 *
 * @throws AttestationsUnavailable when the registries do not tell whom it is about
 */
export async function heardOfAttestation(services: Services, idHash: Hash): Promise<boolean> {
  const { chainsettle, standings, deadline } = services.attestations
  const subject = await chainsettle?.subjectOf(idHash, AbortSignal.timeout(deadline))
  if (!subject) return false
  standings.forget(subject)
  await rescreen(services, await findWaitingOf(services, subject))
  return true
}
