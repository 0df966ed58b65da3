import type { Address } from '../../contract/entities.ts'
import type { AttestationProvider, ComplianceAttestation } from '../../gateways/attestations.ts'
import type { Clock } from '../../services.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Standing } from './question.ts'

/** How attestations are asked for. Times in milliseconds. */
export interface StandingOptions {
  providers: readonly AttestationProvider[]
  clock: Clock
  log: Log
  /** How long a decision waits for an answer. */
  deadline: number
  /** How long an answer is believed without asking again. */
  keep: number
}

/** What is known of whoever owns an address. Never throws: who does not answer leaves it `unanswered`. */
export interface Standings {
  of(address: Address): Promise<Standing>
  /** Asks again next time: a provider said that something has changed. */
  forget(address: Address): void
}

/** Answers that are kept at a time. */
const MOST = 100_000

interface Kept {
  attestations: Promise<readonly ComplianceAttestation[]>
  until: number
}

/**
 * Asks every provider in parallel, each within the deadline, and keeps what they answered for a while. What they say of expiry and
 * revocation is looked at anew for each decision.
 */
export function standings({ providers, clock, log, deadline, keep }: StandingOptions): Standings {
  const kept = new Map<string, Kept>()

  function attestationsOf(provider: AttestationProvider, address: Address): Promise<readonly ComplianceAttestation[]> {
    const key = `${provider.name} ${address}`
    const now = clock.now().getTime()
    const known = kept.get(key)
    if (known && known.until > now) return known.attestations
    const asked: Kept = { attestations: ask(provider, address), until: now + keep }
    if (kept.size >= MOST) kept.delete(kept.keys().next().value!)
    kept.set(key, asked)
    asked.attestations.catch((error) => {
      if (kept.get(key) === asked) kept.delete(key)
      log.warn({ err: error, provider: provider.name }, 'attestations could not be read')
    })
    return asked.attestations
  }

  async function ask(provider: AttestationProvider, address: Address): Promise<readonly ComplianceAttestation[]> {
    const attestations = await within(deadline, (signal) => provider.attestationsOf({ address }, signal))
    for (const { attestationId, evidence } of attestations)
      if (evidence?.contradiction)
        log.warn(
          { provider: provider.name, attestationId, ...evidence.contradiction },
          'a provider contradicts itself; what the chain says counts',
        )
    return attestations
  }

  return {
    async of(address) {
      const answers = await Promise.allSettled(providers.map((provider) => attestationsOf(provider, address)))
      const known = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      return standingOf(
        known,
        clock.now(),
        answers.some(({ status }) => status === 'rejected'),
      )
    },
    forget(address) {
      for (const { name } of providers) kept.delete(`${name} ${address}`)
    },
  }
}

/** What work answers within so many milliseconds. Of an `AbortSignal.timeout`, which cannot be ended early, each answer would leave one. */
async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const waiting = new AbortController()
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason = new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError')
    waiting.abort(reason)
    late.reject(reason)
  }, milliseconds)
  try {
    return await Promise.race([work(waiting.signal), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** What attestations come to at a moment: those that hold. */
export function standingOf(attestations: readonly ComplianceAttestation[], at: Date, unanswered: boolean): Standing {
  const holding = attestations.filter((one) => holds(one, at))
  const verifications = holding
    .filter(({ kind }) => kind === 'kyc' || kind === 'kyb')
    .map((one) => ({ level: one.level, verifiedAt: one.verifiedAt ?? one.issuedAt, evidence: evidenceOf(one) }))
    .toSorted((a, b) => b.level - a.level || b.verifiedAt.getTime() - a.verifiedAt.getTime())
  const places = new Set(holding.flatMap(({ jurisdiction }) => jurisdiction ?? []))
  const [place] = places
  const said = holding.find(({ jurisdiction }) => jurisdiction === place)
  return {
    kyc: verifications.filter(({ level }, index) => level !== verifications[index - 1]?.level),
    // who is said to be in two places is known to be in neither
    jurisdiction: place && said && places.size === 1 ? { code: place, evidence: evidenceOf(said) } : null,
    unanswered,
  }
}

const holds = ({ status, expiresAt, revokedAt }: ComplianceAttestation, at: Date): boolean =>
  status === 'verified' && (!expiresAt || expiresAt > at) && (!revokedAt || revokedAt > at)

const evidenceOf = ({ provider, attestationId }: ComplianceAttestation): string => `${provider}:${attestationId}`
