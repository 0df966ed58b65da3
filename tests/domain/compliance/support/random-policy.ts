import type { Address } from '../../../../server/contract/entities.ts'
import type { Consequence, Party, Rule } from '../../../../server/contract/policies.ts'
import type { ComplianceAttestation } from '../../../../server/gateways/attestations.ts'

/** Draws that a seed repeats. */
export interface Draws {
  /** A whole number from 0 up to, not including, `below`. */
  number(below: number): number
  chance(share: number): boolean
  one<T>(of: readonly T[]): T
  some<T>(of: readonly T[]): T[]
}

export function drawsOf(random: () => number): Draws {
  const number = (below: number) => Math.floor(random() * below)
  return {
    number,
    chance: (share) => random() < share,
    one: (of) => of[number(of.length)]!,
    some: (of) => of.filter(() => random() < 0.5),
  }
}

/** What rules may be about. */
export interface Stage {
  assetIds: readonly string[]
  recipients: readonly Address[]
  lists: readonly string[]
  /** About the largest price. */
  price: number
}

const windows = [60, 3_600, 86_400]
const countries = ['DE', 'US', 'GB', 'NG', 'KP']

/** Up to five rules of any kind, which a payment of the stage satisfies often, and often not. */
export function randomRules(draws: Draws, { assetIds, recipients, lists, price }: Stage): Rule[] {
  const { number, chance, one, some } = draws
  const otherwise = (): Consequence => (chance(0.5) ? 'deny' : 'review')
  const parties = (): Party[] => one([['payer'], ['recipient'], ['payer', 'recipient'], ['recipient', 'payer']])
  const makers: (() => Rule)[] = [
    () => ({ rule: 'allow-list', list: one(lists), parties: parties(), otherwise: otherwise() }),
    () => ({
      rule: 'kyc',
      parties: parties(),
      level: one([1, 2, 3]),
      maxAgeDays: chance(0.5) ? null : 1 + number(400),
      otherwise: otherwise(),
      unanswered: otherwise(),
    }),
    () => ({
      rule: 'jurisdiction',
      parties: parties(),
      allowed: chance(0.4) ? null : some(countries),
      blocked: some(countries).slice(0, 2),
      otherwise: otherwise(),
      unanswered: otherwise(),
    }),
    () => ({ rule: 'threshold', assetId: one(assetIds), above: BigInt(1 + number(price)), otherwise: otherwise() }),
    () => {
      const count = chance(0.6) ? number(6) : null
      return {
        rule: 'limit',
        per: one(['wallet', 'app']),
        assetId: one(assetIds),
        windowSeconds: one(windows),
        count,
        sum: count === null || chance(0.4) ? BigInt(1 + number(4 * price)) : null,
        otherwise: otherwise(),
      }
    },
    () => ({ rule: 'velocity', count: number(5), windowSeconds: one(windows), otherwise: otherwise() }),
    () => ({ rule: 'recipients', allowed: some(recipients), otherwise: otherwise() }),
    () => ({ rule: 'assets', allowed: some(assetIds), otherwise: otherwise() }),
  ]
  // most policies ask little, so that a good share of payments passes
  return Array.from({ length: number(6) }, () => one(makers)())
}

const DAY = 86_400_000

/** What may be attested about somebody: nothing, or a few things of any kind, of any state and age. */
export function randomAttestations(draws: Draws, subject: Address, now: Date): ComplianceAttestation[] {
  const { number, chance, one } = draws
  return Array.from({ length: number(4) }, (_, index) => {
    const issuedAt = new Date(now.getTime() - number(500) * DAY)
    const placed = chance(0.7)
    return {
      attestationId: `${subject}/${index}`,
      provider: 'chainsettle',
      issuer: subject,
      subject: { address: subject, network: 'eip155:1' },
      kind: chance(0.8) ? 'kyc' : 'settlement',
      status: chance(0.8) ? 'verified' : one(['pending', 'rejected', 'expired', 'revoked', 'unknown'] as const),
      level: one([1, 2, 3] as const),
      // mostly of one mind
      jurisdiction: placed
        ? chance(0.8)
          ? countries[Number.parseInt(subject.slice(-2), 16) % 5]!
          : one(countries)
        : null,
      issuedAt,
      expiresAt: chance(0.3) ? new Date(now.getTime() + (number(100) - 30) * DAY) : null,
      revokedAt: chance(0.1) ? new Date(now.getTime() + (number(20) - 15) * DAY) : null,
    }
  })
}
