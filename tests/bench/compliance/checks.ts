import { checkCompliance } from '../../../server/domain/compliance/check.ts'
import { factsReader } from '../../../server/domain/compliance/facts.ts'
import { meterReader } from '../../../server/domain/compliance/read-meters.ts'
import { standings } from '../../../server/domain/compliance/standing.ts'
import { listFinder } from '../../../server/domain/lists/find-listed.ts'
import type { AttestationProvider } from '../../../server/gateways/attestations.ts'
import type { Services } from '../../../server/services.ts'
import { inTurns } from '../setting.ts'
import { quantile } from '../statistics.ts'
import type { ListedApp } from './listed-app.ts'
import { outcomeOf, type Payer, type Recipient, THRESHOLD } from './people.ts'
import { serverOf } from './put-in-force.ts'

/** Somebody who is asked about payments. Answers whether the answer was the right one. */
export type Ask = (payer: Payer, recipient: Recipient, amount: bigint) => Promise<boolean>

/** Asks as a call of `compliance.check` does, from its principal on. */
export function asking(services: Services, { appId, assetId }: ListedApp): Ask {
  const principal = serverOf(appId)
  return async (payer, recipient, amount) => {
    const intent = { walletId: payer.walletId, recipient: recipient.address, assetId, amount }
    const { outcome } = await checkCompliance(services, principal, intent)
    return outcome === outcomeOf(payer, recipient, amount)
  }
}

/** The services with facts of their own: lists and attestations are remembered, or are read for every check. */
export function factsOf(services: Services, payers: readonly Payer[], remembers: boolean): Services {
  const { db, clock, log } = services
  const provider = attester(payers, clock.now())
  return {
    ...services,
    readFacts: factsReader({
      db,
      findListed: remembers ? listFinder(db) : listFinder(db, 0),
      readMeter: meterReader(db),
      standings: standings({ providers: [provider], clock, log, deadline: 2_000, keep: remembers ? 600_000 : 0 }),
    }),
  }
}

/** Attests from memory that everybody lives in Germany and is verified. */
function attester(payers: readonly Payer[], now: Date): AttestationProvider {
  const levels = new Map(payers.map(({ address, flaw }) => [address, flaw === 'level too low' ? 1 : 2] as const))
  return {
    name: 'eas',
    ping: async () => {},
    attestationsOf: async ({ address }) => {
      const level = levels.get(address)
      if (!level) return []
      return [
        {
          ...{ attestationId: `attestation of ${address}`, provider: 'eas', issuer: address },
          ...{ subject: { address, network: 'eip155:1' }, kind: 'kyc', status: 'verified', level },
          ...{ jurisdiction: 'DE', issuedAt: now, expiresAt: null, revokedAt: null },
        },
      ]
    },
  }
}

/** What a round of checks came to. */
export interface CheckRound {
  checks: number
  /** Other answers than must be. */
  wrong: number
  /** A second. */
  rate: number
  /** Processor milliseconds of this process for each. */
  cpu: number
  /** Milliseconds. */
  p50: number
  p99: number
}

interface People {
  payers: readonly Payer[]
  recipients: readonly Recipient[]
}

/** Asks for so many seconds about payments that chance chooses, so many at a time. */
export async function checkFor(
  seconds: number,
  atOnce: number,
  ask: Ask,
  { payers, recipients }: People,
): Promise<CheckRound> {
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)]!
  const latencies: number[] = []
  let wrong = 0
  const [began, usedBefore] = [performance.now(), process.cpuUsage()]
  const end = began + seconds * 1000
  const keepAsking = async () => {
    while (performance.now() < end) {
      const amount = Math.random() < 0.05 ? THRESHOLD + 1n : 1_000n
      const [payer, recipient] = [oneOf(payers), oneOf(recipients)]
      const asked = performance.now()
      const isRight = await ask(payer, recipient, amount)
      latencies.push(performance.now() - asked)
      if (!isRight) wrong++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, keepAsking))
  const [elapsed, { user, system }] = [performance.now() - began, process.cpuUsage(usedBefore)]
  return {
    checks: latencies.length,
    wrong,
    rate: (latencies.length * 1000) / elapsed,
    cpu: (user + system) / 1000 / latencies.length,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  }
}

/** Asks about everybody once: what can be remembered is, from then on. */
export const checkEach = (atOnce: number, ask: Ask, { payers, recipients }: People) =>
  inTurns(payers.length, atOnce, (index) => ask(payers[index]!, recipients[index]!, 1_000n))
