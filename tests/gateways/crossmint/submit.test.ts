import { type Hex, recoverMessageAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import type { RequestReport } from '../../../server/gateways/crossmint/transport.ts'
import { signer, submission, transactionAnswer, transferCall, wallet } from './support/answers.ts'
import { createManualClock } from './support/clocks.ts'
import { apiKey, asked, gatewayTo, providerErrorOf } from './support/gateway.ts'
import { type PeerAnswer, type PeerRequest, startPeer } from './support/peer.ts'

const id = transactionAnswer().id
const create = 'POST /transactions'
const approve = `POST /transactions/${id}/approvals`
const read = `GET /transactions/${id}`
const created: PeerAnswer = { status: 201, body: transactionAnswer() }
const pending: PeerAnswer = { status: 201, body: transactionAnswer({ status: 'pending' }) }
const html502: PeerAnswer = { status: 502, text: '<html>Bad Gateway</html>', headers: { 'content-type': 'text/html' } }

/** Answers in the order given; the last one again and again. */
const inTurn =
  (...answers: PeerAnswer[]) =>
  (_: PeerRequest, before: number): PeerAnswer =>
    answers[Math.min(before, answers.length - 1)]!

test('creates with our key, approves with our signature over the operation hash, and tells what it knows', async () => {
  await using peer = await startPeer(inTurn(created, pending))

  const transaction = await gatewayTo(peer).submit(submission)

  const hash = transactionAnswer().onChain.userOperationHash
  expect(transaction).toEqual({
    reference: id,
    state: 'pending',
    userOperationHash: hash,
    transactionHash: null,
    failure: null,
  })
  expect(asked(peer)).toEqual([create, approve])
  const [creation, approval] = peer.requests
  expect(creation!.path).toBe(`/api/2025-06-09/wallets/${wallet}/transactions`)
  expect(creation!.headers).toMatchObject({ 'x-api-key': apiKey, 'x-idempotency-key': submission.idempotencyKey })
  expect(creation!.body).toEqual({
    params: {
      calls: [{ to: transferCall.to, value: '0', data: transferCall.data }],
      chain: 'avalanche-fuji',
      signer: `external-wallet:${signer.address}`,
    },
  })
  const { approvals } = approval!.body as { approvals: { signer: string; signature: Hex }[] }
  expect(approvals).toHaveLength(1)
  expect(approvals[0]!.signer).toBe(`external-wallet:${signer.address}`)
  expect(await recoverMessageAddress({ message: { raw: hash }, signature: approvals[0]!.signature })).toBe(
    signer.address,
  )
})

test('several calls go as one batch', async () => {
  const calls = [transferCall, { to: wallet, value: 12n, data: '0x' as const }]
  await using peer = await startPeer(
    inTurn(
      { status: 201, body: transactionAnswer({ calls }) },
      { status: 201, body: transactionAnswer({ calls, status: 'pending' }) },
    ),
  )

  expect(await gatewayTo(peer).submit({ ...submission, calls })).toMatchObject({ state: 'pending' })
})

describe('a creation whose answer is lost is repeated with the same key and body', () => {
  const lost: [string, PeerAnswer][] = [
    ['dropped connection', 'drop'],
    ['HTML from the balancer', html502],
    ['500', { status: 500, body: { error: true, message: 'Internal' } }],
    ['201 without id', { status: 201, body: { ...transactionAnswer(), id: undefined } }],
    ['201 that is not JSON', { status: 201, text: 'OK' }],
    ['404 that is not from Crossmint', { status: 404, text: '<html>no such host</html>' }],
    ['timeout', 'hang'],
    ['half an answer', 'truncate'],
    ['half an answer and silence', 'stall'],
    ['redirect', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }],
  ]
  test.each(lost)('%s', async (_, answer) => {
    await using peer = await startPeer(inTurn(answer, created, pending))

    const transaction = await gatewayTo(peer, { timeout: 400 }).submit(submission)

    expect(transaction).toMatchObject({ reference: id, state: 'pending' })
    expect(asked(peer)).toEqual([create, create, approve])
    const [first, second] = peer.requests
    expect(second!.body).toEqual(first!.body)
    expect(second!.headers['x-idempotency-key']).toBe(first!.headers['x-idempotency-key'])
  })

  test.each(lost)('%s, for good: unknown', async (_, answer) => {
    await using peer = await startPeer(inTurn(answer))

    const error = await providerErrorOf(gatewayTo(peer, { timeout: 150 }).submit(submission))

    expect(error.outcome).toBe('unknown')
    expect(asked(peer)).toEqual([create, create, create])
  })

  test('a refusal after a lost answer proves nothing yet: unknown', async () => {
    const refusal: PeerAnswer = { status: 422, body: { error: true, message: 'nonce taken' } }
    await using peer = await startPeer(inTurn('drop', refusal))

    expect(await providerErrorOf(gatewayTo(peer).submit(submission))).toMatchObject({ outcome: 'unknown' })
  })
})

describe('a creation that is answered with an error', () => {
  const simulated = {
    error: {
      reason: 'execution_reverted',
      message: "Execution reverted, see 'revert' for details",
      revert: { type: 'contract_call', reason: 'ERC20: transfer amount exceeds balance' },
    },
    message: 'Simulation failed',
  }
  test.each([
    [422, simulated, 'refused', 'execution_reverted', 'ERC20: transfer amount exceeds balance'],
    [400, { error: true, message: 'Invalid chain' }, 'refused', 'bad_request', 'Invalid chain'],
    [400, { error: true, message: 'No', code: 'SIGNER_LIMIT_EXCEEDED' }, 'refused', 'SIGNER_LIMIT_EXCEEDED', 'No'],
    [404, { error: true, message: 'Wallet not found' }, 'refused', 'not_found', 'Wallet not found'],
    [401, { message: 'Invalid API key' }, 'unavailable', 'credentials_refused', 'Invalid API key'],
    [403, { error: true, message: 'Missing scope' }, 'unavailable', 'credentials_refused', 'Missing scope'],
    [403, undefined, 'unavailable', 'credentials_refused', 'Crossmint answered 403'],
  ] as const)('%i %j', async (status, body, outcome, reason, message) => {
    await using peer = await startPeer(inTurn({ status, body }))

    const error = await providerErrorOf(gatewayTo(peer).submit(submission))

    expect(error).toMatchObject({ outcome, reason, message })
    expect(asked(peer)).toEqual([create])
  })

  test('an API key in the answer is not passed on', async () => {
    await using peer = await startPeer(inTurn({ status: 401, body: { message: `Key ${apiKey} is unknown` } }))

    const error = await providerErrorOf(gatewayTo(peer).submit(submission))

    expect(error.message).toBe('Key [API key] is unknown')
  })

  test('nobody listens: nothing happened', async () => {
    const peer = await startPeer(inTurn(created))
    await peer[Symbol.asyncDispose]()

    expect(await providerErrorOf(gatewayTo(peer).submit(submission))).toMatchObject({
      outcome: 'unavailable',
      reason: 'not_reachable',
    })
  })
})

describe('too fast', () => {
  const slowDown: PeerAnswer = { status: 429, body: { message: 'Too many requests' }, headers: { 'retry-after': '2' } }

  test('a 429 is waited for and repeated with the same key', async () => {
    await using peer = await startPeer(inTurn(slowDown, created, slowDown, pending))

    expect(await gatewayTo(peer).submit(submission)).toMatchObject({ state: 'pending' })
    expect(asked(peer)).toEqual([create, create, approve, approve])
    const keys = peer.requests.slice(0, 2).map(({ headers }) => headers['x-idempotency-key'])
    expect(keys).toEqual([submission.idempotencyKey, submission.idempotencyKey])
  })

  test('a 429 that does not end is unavailable, and says for how long', async () => {
    await using peer = await startPeer(inTurn(slowDown))

    const error = await providerErrorOf(gatewayTo(peer).submit(submission))

    expect(error).toMatchObject({ outcome: 'unavailable', reason: 'rate_limited' })
    expect(error.retryAfter).toBeGreaterThanOrEqual(2000)
    expect(asked(peer)).toEqual([create, create])
  })

  test('a 429 without a header asks for one to three seconds', async () => {
    await using peer = await startPeer(inTurn({ status: 429, text: '' }))

    const { retryAfter } = await providerErrorOf(gatewayTo(peer, { maximumWait: 100 }).submit(submission))

    expect(retryAfter).toBeGreaterThanOrEqual(1000)
    expect(retryAfter).toBeLessThan(3000)
  })

  test('a submission takes the turn of its approval with it, and returns what it does not use', async () => {
    await using peer = await startPeer((request) => {
      if (request.path.endsWith('/approvals')) return pending
      const refused = request.headers['x-idempotency-key'] === 'refused'
      return refused ? { status: 400, body: { error: true, message: 'No' } } : created
    })
    const gateway = gatewayTo(peer, { clock: createManualClock(), rateLimit: { writes: 4, reads: 1 }, maximumWait: 0 })

    await providerErrorOf(gateway.submit({ ...submission, idempotencyKey: 'refused' }))
    await gateway.submit(submission)
    const error = await providerErrorOf(gateway.submit(submission))

    expect(error).toMatchObject({ outcome: 'unavailable', reason: 'rate_limited', retryAfter: 60_000 })
    expect(asked(peer)).toEqual([create, create, approve])
  })
})

describe('an approval whose answer is lost or refused', () => {
  const refusals: [string, PeerAnswer][] = [
    ['500', { status: 500, body: { error: true, message: 'Internal' } }],
    ['HTML 502', html502],
    ['dropped connection', 'drop'],
    ['timeout', 'hang'],
    ['409', { status: 409, body: { error: true, message: 'Already submitted' } }],
    ['422', { status: 422, body: { error: true, message: 'Already has the required number of approvals' } }],
  ]
  test.each(refusals)('%s: the transaction had moved on', async (_, answer) => {
    await using peer = await startPeer(inTurn(created, answer, pending))

    expect(await gatewayTo(peer, { timeout: 400 }).submit(submission)).toMatchObject({ state: 'pending' })
    expect(asked(peer)).toEqual([create, approve, read])
  })

  test.each(refusals)('%s: still ours to approve, so the identical signature is sent again', async (_, answer) => {
    await using peer = await startPeer(inTurn(created, answer, created, pending))

    expect(await gatewayTo(peer, { timeout: 400 }).submit(submission)).toMatchObject({ state: 'pending' })
    expect(asked(peer)).toEqual([create, approve, read, approve])
    expect(peer.requests[3]!.body).toEqual(peer.requests[1]!.body)
  })

  test.each(refusals)('%s for good: unknown, and a bounded number of tries', async (_, answer) => {
    await using peer = await startPeer((request) => (request.path.endsWith('/approvals') ? answer : created))

    const error = await providerErrorOf(gatewayTo(peer, { timeout: 400 }).submit(submission))

    expect(error).toMatchObject({ outcome: 'unknown', reason: 'approval_unconfirmed' })
    expect(asked(peer)).toEqual([create, approve, read, approve, read, approve, read])
  })

  test('taken, though it still waits for others: not sent again', async () => {
    const waiting = transactionAnswer()
    const submitted = { ...waiting.approvals.pending[0]!, signature: '0x01', submittedAt: 1_777_000_000_000 }
    const half = { ...waiting, approvals: { pending: [], submitted: [submitted], required: 2 } }
    await using peer = await startPeer(inTurn(created, 'drop', { status: 200, body: half }))

    expect(await gatewayTo(peer).submit(submission)).toMatchObject({ state: 'awaiting-approval' })
    expect(asked(peer)).toEqual([create, approve, read])
  })

  test('another operation in its place is not signed', async () => {
    const other = transactionAnswer()
    other.approvals.pending[0]!.message = `0x${'ab'.repeat(32)}`
    await using peer = await startPeer(inTurn(created, 'drop', { status: 200, body: other }))

    expect(await providerErrorOf(gatewayTo(peer).submit(submission))).toMatchObject({
      outcome: 'unknown',
      reason: 'operation_changed',
    })
    expect(asked(peer)).toEqual([create, approve, read])
  })

  test('the answer about another transaction is not taken for ours', async () => {
    await using peer = await startPeer(
      inTurn(created, { status: 201, body: transactionAnswer({ id: 'other', status: 'success' }) }),
    )

    const error = await providerErrorOf(gatewayTo(peer, { replays: 0 }).submit(submission))

    expect(error.outcome).toBe('unknown')
  })
})

describe('a repeated submission', () => {
  test.each(['pending', 'success', 'failed'] as const)('finds it %s and signs nothing', async (status) => {
    const error = { reason: 'failed_to_land_on_chain', message: 'Bundler dropped it' }
    const body = transactionAnswer({ status, ...(status === 'failed' && { error }) })
    await using peer = await startPeer(inTurn({ status: 201, body }))

    expect(await gatewayTo(peer).submit(submission)).toMatchObject({
      reference: id,
      state: status,
      failure: status === 'failed' ? error : null,
    })
    expect(asked(peer)).toEqual([create])
  })

  test('finds it under way with other calls: unknown, for the chain to say', async () => {
    const other = { ...transferCall, value: 1n }
    await using peer = await startPeer(
      inTurn({ status: 201, body: transactionAnswer({ status: 'pending', calls: [other] }) }),
    )

    expect(await providerErrorOf(gatewayTo(peer).submit(submission))).toMatchObject({
      outcome: 'unknown',
      reason: 'calldata_mismatch',
    })
  })

  test('finds it waiting for another signer: nothing is signed, try later', async () => {
    const stranger = '0x4444444444444444444444444444444444444444'
    await using peer = await startPeer(inTurn({ status: 201, body: transactionAnswer({ signerAddress: stranger }) }))

    expect(await providerErrorOf(gatewayTo(peer).submit(submission))).toMatchObject({
      outcome: 'unavailable',
      reason: 'signer_not_asked',
    })
    expect(asked(peer)).toEqual([create])
  })
})

describe('refused before anything is sent', () => {
  test.each([
    ['unknown chain', { chainId: 1 }, 'chain_not_supported'],
    ['no calls', { calls: [] }, 'bad_calls'],
    ['half a byte', { calls: [{ ...transferCall, data: '0xabc' as const }] }, 'bad_calls'],
    ['negative value', { calls: [{ ...transferCall, value: -1n }] }, 'bad_calls'],
    ['broken checksum', { calls: [{ ...transferCall, to: transferCall.to.replace('B', 'b') as Hex }] }, 'bad_calls'],
  ])('%s', async (_, change, reason) => {
    await using peer = await startPeer(inTurn(created))

    expect(await providerErrorOf(gatewayTo(peer).submit({ ...submission, ...change }))).toMatchObject({
      outcome: 'refused',
      reason,
    })
    expect(peer.requests).toEqual([])
  })
})

test('a signer that fails leaves it unsigned: unavailable', async () => {
  await using peer = await startPeer(inTurn(created))
  const broken = { ...signer, signMessage: () => Promise.reject(new Error('KMS is away')) }

  expect(await providerErrorOf(gatewayTo(peer, { signer: broken }).submit(submission))).toMatchObject({
    outcome: 'unavailable',
    reason: 'signer_failed',
  })
  expect(asked(peer)).toEqual([create])
})

test('a stopping service breaks off', async () => {
  await using peer = await startPeer(() => 'hang')
  const stopping = new AbortController()
  const submitted = providerErrorOf(gatewayTo(peer, { signal: stopping.signal }).submit(submission))
  await expect.poll(() => peer.requests.length).toBe(1)

  stopping.abort()

  expect((await submitted).outcome).toBe('unknown')
  expect(asked(peer)).toEqual([create])
})

test('many at once and many on one connection leave no listener behind', async () => {
  await using peer = await startPeer(({ path }) => (path.endsWith('/approvals') ? pending : created))
  const warnings: Error[] = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on('warning', listen)
  const gateway = gatewayTo(peer, { signal: new AbortController().signal })

  const all = await Promise.all(Array.from({ length: 100 }, () => gateway.submit(submission)))
  for (let count = 0; count < 20; count++) await gateway.submit(submission)
  await new Promise(setImmediate)
  process.off('warning', listen)

  expect(all.filter(({ state }) => state === 'pending')).toHaveLength(100)
  expect(warnings).toEqual([])
})

test('each request is reported with its operation, status and outcome', async () => {
  await using peer = await startPeer(inTurn(html502, created, pending))
  const reports: RequestReport[] = []

  await gatewayTo(peer, { onRequest: (report) => reports.push(report) }).submit(submission)

  expect(reports).toEqual([
    { operation: 'createTransaction', status: 502, milliseconds: expect.any(Number), outcome: 'unknown' },
    { operation: 'createTransaction', status: 201, milliseconds: expect.any(Number), outcome: 'ok' },
    { operation: 'approveTransaction', status: 201, milliseconds: expect.any(Number), outcome: 'ok' },
  ])
})
