import { describe, expect, test } from 'vitest'
import { submission, transactionAnswer, transferCall, wallet } from './support/answers.ts'
import { gatewayTo, providerErrorOf } from './support/gateway.ts'
import { type PeerAnswer, startPeer } from './support/peer.ts'

const id = transactionAnswer().id
const hash = `0x${'cd'.repeat(32)}` as const
const since = new Date('2026-05-01T10:00:00.000Z')
const at = (minutes: number) => new Date(since.getTime() + minutes * 60_000).toISOString()

describe('reading a transaction', () => {
  test('broadcast and done', async () => {
    await using peer = await startPeer(() => ({
      status: 200,
      body: {
        ...transactionAnswer({ status: 'success', txId: hash, createdAt: 1_777_000_000 }),
        surprise: { new: true },
      },
    }))

    expect(await gatewayTo(peer).get(wallet, id)).toEqual({
      reference: id,
      state: 'success',
      userOperationHash: transactionAnswer().onChain.userOperationHash,
      transactionHash: hash,
      failure: null,
    })
  })

  test.each([[null], [undefined]])('not broadcast yet: txId %s', async (txId) => {
    await using peer = await startPeer(() => ({ status: 200, body: transactionAnswer({ status: 'pending', txId }) }))

    expect(await gatewayTo(peer).get(wallet, id)).toMatchObject({ state: 'pending', transactionHash: null })
  })

  test.each([
    [
      { reason: 'build_failed', message: 'No route' },
      { reason: 'build_failed', message: 'No route' },
    ],
    [
      {
        reason: 'execution_reverted',
        message: "see 'revert'",
        revert: { type: 'wallet_authorization', reason: 'AA24' },
      },
      { reason: 'execution_reverted', message: 'AA24' },
    ],
    [undefined, { reason: 'unknown', message: 'Crossmint gave no reason' }],
  ])('failed: %j', async (error, failure) => {
    await using peer = await startPeer(() => ({ status: 200, body: transactionAnswer({ status: 'failed', error }) }))

    expect(await gatewayTo(peer).get(wallet, id)).toMatchObject({ state: 'failed', failure })
  })

  test('without a user operation, as wallets of other kinds have it', async () => {
    const body = { ...transactionAnswer({ status: 'pending' }), onChain: { txId: hash } }
    await using peer = await startPeer(() => ({ status: 200, body }))

    expect(await gatewayTo(peer).get(wallet, id)).toMatchObject({ userOperationHash: null, transactionHash: hash })
  })

  const failures: [string, PeerAnswer, string][] = [
    ['dropped connection', 'drop', 'unavailable'],
    ['timeout', 'hang', 'unavailable'],
    ['HTML 502', { status: 502, text: '<html>' }, 'unavailable'],
    ['a state we do not know', { status: 200, body: { ...transactionAnswer(), status: 'paused' } }, 'unavailable'],
    ['it does not know it any more', { status: 404, body: { error: true, message: 'Not found' } }, 'unknown'],
    ['key expired', { status: 401, body: {} }, 'unavailable'],
  ]
  test.each(failures)('%s', async (_, answer, outcome) => {
    await using peer = await startPeer(() => answer)

    expect((await providerErrorOf(gatewayTo(peer, { timeout: 150 }).get(wallet, id))).outcome).toBe(outcome)
  })
})

describe('finding a transaction whose reference was lost', () => {
  const other = [{ ...transferCall, value: 1n }]
  const page = (...transactions: unknown[]): PeerAnswer => ({ status: 200, body: { transactions } })
  const pages = (...answers: PeerAnswer[]) => startPeer((_, before) => answers[before] ?? page())

  test('by its exact calls, over all pages', async () => {
    await using peer = await pages(
      page(transactionAnswer({ id: 'c', calls: other, createdAt: at(3) })),
      page(transactionAnswer({ id: 'b', createdAt: at(2), chain: 'avalanche' })),
      page(transactionAnswer({ id: 'a', createdAt: at(1) })),
    )

    expect(await gatewayTo(peer).find(submission, since)).toMatchObject({ reference: 'a' })
    expect(peer.requests).toHaveLength(4)
    const query = new URL(peer.requests[1]!.path, peer.url).searchParams
    expect(Object.fromEntries(query)).toEqual({ page: '2', perPage: '50', dateFrom: at(-5) })
  })

  test('nothing there', async () => {
    await using peer = await pages(page(transactionAnswer({ calls: other, createdAt: at(1) })))

    expect(await gatewayTo(peer).find(submission, since)).toBeNull()
  })

  test('stops where the list is older than what is looked for', async () => {
    await using peer = await pages(
      page(
        transactionAnswer({ id: 'b', calls: other, createdAt: at(1) }),
        transactionAnswer({ id: 'a', createdAt: at(-60) }),
      ),
      page(transactionAnswer({ id: 'never read', createdAt: at(-61) })),
    )

    expect(await gatewayTo(peer).find(submission, since)).toBeNull()
    expect(peer.requests).toHaveLength(1)
  })

  test('oldest first is read to its end', async () => {
    await using peer = await pages(
      page(transactionAnswer({ id: 'a', createdAt: at(-90) }), transactionAnswer({ id: 'b', createdAt: at(-80) })),
      page(transactionAnswer({ id: 'c', createdAt: at(1) })),
    )

    expect(await gatewayTo(peer).find(submission, since)).toMatchObject({ reference: 'c' })
  })

  test('of several alike the nearest in time', async () => {
    const list = page(
      transactionAnswer({ id: 'later', createdAt: at(4) }),
      transactionAnswer({ id: 'nearest', createdAt: at(0.1) }),
      transactionAnswer({ id: 'before', createdAt: at(-2) }),
    )
    await using peer = await startPeer(() => list)

    expect(await gatewayTo(peer).find(submission, since)).toMatchObject({ reference: 'nearest' })
  })

  test('a list without end is given up, not believed to be empty', async () => {
    await using peer = await startPeer((_, before) =>
      page(transactionAnswer({ id: `${before}`, calls: other, createdAt: at(1) })),
    )

    expect(await providerErrorOf(gatewayTo(peer).find(submission, since))).toMatchObject({
      outcome: 'unavailable',
      reason: 'list_too_long',
    })
  })

  test('a chain Crossmint does not serve holds nothing', async () => {
    await using peer = await pages()

    expect(await gatewayTo(peer).find({ ...submission, chainId: 1 }, since)).toBeNull()
    expect(peer.requests).toEqual([])
  })
})
