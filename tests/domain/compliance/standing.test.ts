import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { standingOf, standings } from '../../../server/domain/compliance/standing.ts'
import type { AttestationProvider, ComplianceAttestation } from '../../../server/gateways/attestations.ts'
import { createLog } from '../../../server/telemetry/log.ts'
import { payer, recipient } from './support/facts.ts'

const now = new Date('2026-06-15T12:00:00.000Z')
const days = (count: number) => new Date(now.getTime() + count * 86_400_000)

let count = 0
const attestation = (patch: Partial<ComplianceAttestation> = {}): ComplianceAttestation => ({
  attestationId: `attestation-${++count}`,
  provider: 'chainsettle',
  issuer: recipient,
  subject: { address: payer, network: 'eip155:1' },
  kind: 'kyc',
  status: 'verified',
  level: 2,
  jurisdiction: 'DE',
  issuedAt: days(-10),
  expiresAt: null,
  revokedAt: null,
  ...patch,
})

const levelsOf = (attestations: ComplianceAttestation[]) =>
  standingOf(attestations, now, false).kyc.map(({ level }) => level)

test.each([
  ['verified', {}, [2]],
  ['a business', { kind: 'kyb' }, [2]],
  ['verified until later', { expiresAt: days(1) }, [2]],
  ['revoked later', { revokedAt: days(1) }, [2]],
  ['pending', { status: 'pending' }, []],
  ['rejected', { status: 'rejected' }, []],
  ['expired by its status', { status: 'expired' }, []],
  ['revoked by its status', { status: 'revoked' }, []],
  ['unknown', { status: 'unknown' }, []],
  ['expired since it was read', { expiresAt: now }, []],
  ['revoked since it was read', { revokedAt: now }, []],
  ['a settlement of something', { kind: 'settlement', level: 0 }, []],
  ['accredited', { kind: 'accreditation' }, []],
] as [string, Partial<ComplianceAttestation>, number[]][])('%s', (_, patch, levels) => {
  expect(levelsOf([attestation(patch)])).toEqual(levels)
})

test('every level that holds is known, with its freshest verification', () => {
  const { kyc } = standingOf(
    [
      attestation({ level: 3, verifiedAt: days(-400), attestationId: 'thorough' }),
      attestation({ level: 2, verifiedAt: days(-300) }),
      attestation({ level: 2, verifiedAt: days(-2), attestationId: 'fresh' }),
    ],
    now,
    false,
  )
  expect(kyc).toEqual([
    { level: 3, verifiedAt: days(-400), evidence: 'chainsettle:thorough' },
    { level: 2, verifiedAt: days(-2), evidence: 'chainsettle:fresh' },
  ])
})

test('who is said to be in two places is known to be in neither; in one by two is known', () => {
  const [here, there] = [attestation(), attestation({ provider: 'eas', jurisdiction: 'FR' })]
  expect(standingOf([here, there], now, false).jurisdiction).toBeNull()
  expect(standingOf([here, { ...there, jurisdiction: 'DE' }], now, false).jurisdiction).toMatchObject({ code: 'DE' })
  // what no longer holds does not speak against what does
  expect(standingOf([here, { ...there, status: 'revoked' }], now, false).jurisdiction).toMatchObject({ code: 'DE' })
  expect(standingOf([attestation({ jurisdiction: null })], now, false).jurisdiction).toBeNull()
})

/** A provider in memory, and how often it was asked. */
function provider(answer: AttestationProvider['attestationsOf'], name: AttestationProvider['name'] = 'chainsettle') {
  const attestationsOf = vi.fn(answer)
  return { name, attestationsOf, ping: async () => {} }
}

const lines: string[] = []
const log = createLog('debug', { write: (line) => void lines.push(line) })
let at = now
const asking = (...providers: AttestationProvider[]) =>
  standings({ providers, clock: { now: () => at }, log, deadline: 50, keep: 60_000 })

beforeEach(() => {
  at = now
  lines.length = 0
})
afterEach(() => {
  vi.useRealTimers()
})

test('an answer is kept for a while, and what it says of its own end is looked at each time', async () => {
  const one = provider(async () => [attestation({ expiresAt: days(0.0005) })])
  const { of } = asking(one)
  expect((await of(payer)).kyc).toHaveLength(1)
  at = days(0.0006)
  expect((await of(payer)).kyc).toEqual([])
  expect(one.attestationsOf).toHaveBeenCalledTimes(1)
  at = new Date(now.getTime() + 60_000)
  await of(payer)
  expect(one.attestationsOf).toHaveBeenCalledTimes(2)
  await of(recipient)
  expect(one.attestationsOf).toHaveBeenCalledTimes(3)
})

test('what was forgotten is asked for again, also while an earlier answer is on its way', async () => {
  const answers = [Promise.withResolvers<ComplianceAttestation[]>(), Promise.withResolvers<ComplianceAttestation[]>()]
  let asked = 0
  const one = provider(() => answers[asked++]!.promise)
  const { of, forget } = asking(one)
  const [before, forgotten] = [of(payer), forget(payer)]
  const after = of(payer)
  expect(forgotten).toBeUndefined()
  expect(one.attestationsOf).toHaveBeenCalledTimes(2)
  answers[1]!.resolve([])
  expect((await after).kyc).toEqual([])
  // the failure of the earlier one does not take the later answer away
  answers[0]!.reject(new Error('late'))
  expect(await before).toMatchObject({ unanswered: true })
  await of(payer)
  expect(one.attestationsOf).toHaveBeenCalledTimes(2)
})

test('who fails has not answered, and is asked again next time', async () => {
  const broken = provider(async () => Promise.reject(new Error('down')))
  const other = provider(async () => [attestation({ provider: 'eas' })], 'eas')
  const { of } = asking(broken, other)
  for (const times of [1, 2]) {
    expect(await of(payer)).toMatchObject({ kyc: [{ level: 2 }], unanswered: true })
    expect(broken.attestationsOf).toHaveBeenCalledTimes(times)
  }
  expect(other.attestationsOf).toHaveBeenCalledTimes(1)
  expect(lines.filter((line) => line.includes('attestations could not be read'))).toHaveLength(2)
})

test('who does not answer in time has not answered, even if it does not heed its signal', async () => {
  const silent = provider(() => new Promise(() => {}))
  const began = performance.now()
  expect(await asking(silent).of(payer)).toEqual({ kyc: [], jurisdiction: null, unanswered: true })
  expect(performance.now() - began).toBeLessThan(2_000)
})

test('a contradiction between the interfaces of a provider does not count, and is told', async () => {
  const evidence = {
    network: 'eip155:1' as const,
    registry: recipient as `0x${string}`,
    idHash: `0x${'0'.repeat(64)}` as const,
    finalized: true,
    blockNumber: 1n,
    blockHash: `0x${'1'.repeat(64)}` as const,
    contradiction: { source: 'http' as const, status: 'rejected' as const },
  }
  const { kyc } = await asking(provider(async () => [attestation({ evidence })])).of(payer)
  expect(kyc).toHaveLength(1)
  expect(lines.filter((line) => line.includes('contradict'))).toHaveLength(1)
})
