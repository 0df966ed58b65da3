import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTokenBucket } from '../../../server/gateways/crossmint/token-bucket.ts'
import { signer, wallet } from './support/answers.ts'
import { createManualClock } from './support/clocks.ts'
import { gatewayTo, providerErrorOf } from './support/gateway.ts'
import { startPeer } from './support/peer.ts'

const minute = 60_000

test('120 writes and 360 reads leave in a minute, the others a minute later, none sooner', async () => {
  const config = { adminSigner: { type: 'external-wallet', address: signer.address } }
  await using peer = await startPeer(() => ({
    status: 200,
    body: { chainType: 'evm', type: 'smart', address: wallet, config },
  }))
  const clock = createManualClock()
  const sentAt = { POST: [] as number[], GET: [] as number[] }
  const { client } = gatewayTo(peer, {
    clock,
    rateLimit: { writes: 120, reads: 360 },
    maximumWait: 5 * minute,
    onRequest: ({ operation, milliseconds }) => {
      sentAt[operation === 'getWallet' ? 'GET' : 'POST'].push(clock.now() - milliseconds)
    },
  })
  const answered = (writes: number, reads: number) =>
    expect.poll(() => [sentAt.POST.length, sentAt.GET.length], { timeout: 10_000 }).toEqual([writes, reads])

  const calls = Promise.all([
    ...Array.from({ length: 300 }, (_, index) =>
      client.createWallet({ adminSigner: { type: 'api-key' } }, { idempotencyKey: `${index}` }),
    ),
    ...Array.from({ length: 800 }, () => client.getWallet(wallet)),
  ])
  await answered(120, 360)
  await clock.advance(minute - 1)
  expect(peer.requests).toHaveLength(480)
  await clock.advance(1)
  await answered(240, 720)
  await clock.advance(minute)
  await calls

  expect(peer.requests).toHaveLength(1100)
  expect(sentAt.POST.filter((at) => at === 0)).toHaveLength(120)
  expect(sentAt.GET.filter((at) => at === 0)).toHaveLength(360)
  expect(Math.min(...sentAt.POST.slice(120))).toBe(minute)
  expect(Math.min(...sentAt.GET.slice(360))).toBe(minute)
})

test('no window of one period ever sees more than its tokens, and first come is first served', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 7 }),
      fc.array(fc.record({ after: fc.integer({ min: 0, max: 80 }), count: fc.integer({ min: 1, max: 2 }) }), {
        minLength: 1,
        maxLength: 40,
      }),
      async (size, wishes) => {
        const clock = createManualClock()
        const bucket = createTokenBucket({ size, period: 100, clock })
        const granted: number[] = []
        const order: number[] = []
        const all: Promise<void>[] = []
        for (const [index, { after, count }] of wishes.entries()) {
          await clock.advance(after)
          all.push(
            bucket.take(count).then((at) => {
              order.push(index)
              for (let token = 0; token < count; token++) granted.push(at)
            }),
          )
        }
        await clock.advance(100 * 100)
        await Promise.all(all)

        expect(order).toEqual(wishes.map((_, index) => index))
        for (const start of granted) {
          expect(granted.filter((at) => at >= start && at < start + 100).length).toBeLessThanOrEqual(size)
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('a wait that would be too long is refused at once, with the time to come back', async () => {
  const clock = createManualClock()
  const bucket = createTokenBucket({ size: 2, period: 1000, clock })
  await bucket.take(2)
  await clock.advance(400)

  const error = await providerErrorOf(bucket.take(1, { maximumWait: 500 }))

  expect(error).toMatchObject({ outcome: 'unavailable', reason: 'rate_limited', retryAfter: 600 })
})

test('who gives up waiting loses no place to nobody: the next one moves up', async () => {
  const clock = createManualClock()
  const bucket = createTokenBucket({ size: 1, period: 1000, clock })
  await bucket.take(1)
  const leaving = new AbortController()
  const first = providerErrorOf(bucket.take(1, { signal: leaving.signal }))
  const second = bucket.take(1)

  leaving.abort()
  await clock.advance(1000)

  expect(await first).toMatchObject({ outcome: 'unavailable', reason: 'stopped' })
  expect(await second).toBe(1000)
})

test('a token given back serves the next in line at once', async () => {
  const clock = createManualClock()
  const bucket = createTokenBucket({ size: 2, period: 1000, clock })
  const takenAt = await bucket.take(2)
  await clock.advance(10)
  const next = bucket.take(1)

  bucket.giveBack(takenAt)

  expect(await next).toBe(10)
})

test('a pause holds everybody, and a bucket without limit too', async () => {
  const clock = createManualClock()
  const bucket = createTokenBucket({ size: Number.POSITIVE_INFINITY, period: 1000, clock })
  bucket.pause(300)
  const taken = bucket.take(1)
  await clock.advance(300)

  expect(await taken).toBe(300)
  expect(await bucket.take(1)).toBe(300)
})
