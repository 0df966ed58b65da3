import { connect } from 'node:net'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publish } from '../../support/policies.ts'
import { testWorld, type World } from '../../support/world.ts'
import { type Buyer, buyer, encode, offerAt, type Payload, present, settlementIn, urlOf } from './support/buyer.ts'

let world: World
let one: Buyer
let url: string
let good: Payload
const price = 410_000n

beforeAll(async () => {
  world = await testWorld()
  one = await buyer(world)
  url = urlOf(world, (await world.paywall({ price })).id)
  good = await one.pay((await offerAt(url)).accepts[0]!)
})
afterAll(async () => {
  // whatever was tried, nobody has paid
  expect(await world.transfers(one.address, price)).toBe(0)
  const { rows } = await world.built.connection.pool.query('select count(*)::int as paid from payment')
  expect(rows).toEqual([{ paid: 0 }])
  await world[Symbol.asyncDispose]()
})

const withAuthorization = (patch: Record<string, unknown>): unknown => ({
  ...good,
  payload: { ...good.payload, authorization: { ...good.payload.authorization, ...patch } },
})
const without = (field: string): unknown => ({ ...good, [field]: undefined })

test.each<[what: string, header: () => string]>([
  ['is empty', () => ''],
  ['is not base64', () => 'not base64!'],
  ['is base64 of something else', () => Buffer.from('hello').toString('base64')],
  ['is a JSON text', () => encode('text')],
  ['is null', () => encode(null)],
  ['is a list', () => encode([good])],
  ['is an empty object', () => encode({})],
  ['is of no version', () => encode(without('x402Version'))],
  ['is of another version', () => encode({ ...good, x402Version: 3 })],
  ['says nothing of the offer', () => encode(without('accepted'))],
  ['has no payload', () => encode(without('payload'))],
  ['has no authorization', () => encode({ ...good, payload: { signature: good.payload.signature } })],
  ['has no signature', () => encode({ ...good, payload: { authorization: good.payload.authorization } })],
  ['has a signature of odd length', () => encode({ ...good, payload: { ...good.payload, signature: '0xabc' } })],
  ['has a payer that is no address', () => encode(withAuthorization({ from: '0x12' }))],
  ['has a number where digits are due', () => encode(withAuthorization({ value: 410_000 }))],
  ['has a value with a sign', () => encode(withAuthorization({ value: '-410000' }))],
  ['has a value beyond 256 bits', () => encode(withAuthorization({ value: String(2n ** 256n) }))],
  ['has a short nonce', () => encode(withAuthorization({ nonce: '0x01' }))],
  ['has two values for one header', () => `${encode(good)}, ${encode(good)}`],
  [
    'has an identifier that is none',
    () => encode({ ...good, extensions: { 'payment-identifier': { info: { required: false, id: 'short' } } } }),
  ],
])('a payment that %s is a bad request, and no more is said', async (_, header) => {
  const response = await fetch(url, { headers: { 'payment-signature': header() } })
  const body = await response.text()
  expect(response.status, body).toBe(400)
  expect(JSON.parse(body)).toEqual({ error: 'invalid_payload', message: expect.any(String) })
  expect(body).not.toMatch(/at .*:\d+|node_modules|Error:/)
})

const refusal = async (payload: unknown, to = url) => {
  const response = await present(to, payload)
  const body = (await response.json()) as { error: string; message: string }
  return { status: response.status, settlement: settlementIn(response), error: body.error, headers: response.headers }
}

test.each<[what: string, reason: string, payload: () => unknown | Promise<unknown>]>([
  ['another scheme', 'unsupported_scheme', () => ({ ...good, accepted: { ...good.accepted, scheme: 'upto' } })],
  ['another chain', 'invalid_network', () => ({ ...good, accepted: { ...good.accepted, network: 'eip155:1' } })],
  ['a lower price', 'invalid_payment_requirements', () => ({ ...good, accepted: { ...good.accepted, amount: '1' } })],
  [
    'another recipient in the offer',
    'invalid_payment_requirements',
    () => ({ ...good, accepted: { ...good.accepted, payTo: one.address } }),
  ],
  [
    'another token',
    'invalid_payment_requirements',
    () => ({ ...good, accepted: { ...good.accepted, asset: one.address } }),
  ],
  [
    'more time than is offered',
    'invalid_payment_requirements',
    () => ({ ...good, accepted: { ...good.accepted, maxTimeoutSeconds: 61 } }),
  ],
  [
    'another name of the token',
    'invalid_payment_requirements',
    () => ({ ...good, accepted: { ...good.accepted, extra: { name: 'Other', version: '2' } } }),
  ],
  [
    'an authorization for somebody else',
    'invalid_exact_evm_payload_recipient_mismatch',
    () => one.pay(good.accepted, { to: one.address }),
  ],
  [
    'less than the price',
    'invalid_exact_evm_payload_authorization_value_mismatch',
    () => one.pay(good.accepted, { value: '409999' }),
  ],
  [
    'more than the price',
    'invalid_exact_evm_payload_authorization_value_mismatch',
    () => one.pay(good.accepted, { value: '410001' }),
  ],
  [
    'an authorization that is not valid yet',
    'invalid_exact_evm_payload_authorization_valid_after',
    () => one.pay(good.accepted, { validAfter: String(Math.floor(Date.now() / 1000) + 60) }),
  ],
  [
    'an authorization that has ended',
    'invalid_exact_evm_payload_authorization_valid_before',
    () => one.pay(good.accepted, { validBefore: String(Math.floor(Date.now() / 1000) - 1) }),
  ],
  [
    'an authorization that is about to end',
    'invalid_exact_evm_payload_authorization_valid_before',
    () => one.pay(good.accepted, { validBefore: String(Math.floor(Date.now() / 1000) + 3) }),
  ],
  [
    'a changed nonce',
    'invalid_exact_evm_payload_signature',
    () => withAuthorization({ nonce: `0x${'11'.repeat(32)}` }),
  ],
  [
    'the name of somebody else',
    'invalid_exact_evm_payload_signature',
    () => withAuthorization({ from: privateKeyToAccount(generatePrivateKey()).address }),
  ],
  [
    'a signature of zeros',
    'invalid_exact_evm_payload_signature',
    () => ({ ...good, payload: { ...good.payload, signature: `0x${'00'.repeat(65)}` } }),
  ],
  [
    'the twin of a signature',
    'invalid_exact_evm_payload_signature',
    () => ({ ...good, payload: { ...good.payload, signature: twinOf(good.payload.signature) } }),
  ],
])('%s does not pay: %s', async (_, reason, payload) => {
  const { status, settlement, error, headers } = await refusal(await payload())
  expect({ status, error, success: settlement.success, reason: settlement.errorReason }).toEqual({
    status: 402,
    error: reason,
    success: false,
    reason,
  })
  expect(settlement.transaction).toBe('')
  // the offer comes with it, so that the next payment may be one
  expect(headers.get('payment-required')).not.toBeNull()
})

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** The other signature that everybody can make of one. */
function twinOf(signature: string): string {
  const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0')
  const v = signature.slice(130) === '1b' ? '1c' : '1b'
  return `${signature.slice(0, 66)}${s}${v}`
}

test('whoever has too little is told so, and nothing of how we found out', async () => {
  const poor = await buyer(world, price - 1n)
  const response = await present(url, await poor.pay(good.accepted))
  const settlement = settlementIn(response)
  expect(response.status).toBe(402)
  expect(settlement).toEqual({
    success: false,
    errorReason: 'insufficient_funds',
    payer: poor.address,
    transaction: '',
    network: 'eip155:43113',
  })
})

test('a header of a megabyte is answered, and the next request too', async () => {
  const { hostname, port, pathname } = new URL(url)
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let came = ''
    socket.on('data', (chunk) => {
      came += chunk
    })
    // it may hang up while we are still talking
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(came))
    socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\npayment-signature: ${'A'.repeat(1_048_576)}\r\n\r\n`)
  })
  expect(answer === '' || answer.startsWith('HTTP/1.1 431')).toBe(true)
  expect((await fetch(url)).status).toBe(402)
})

test('there is no such paywall, or it is closed', async () => {
  expect((await fetch(urlOf(world, 'no-id'))).status).toBe(404)
  expect((await present(urlOf(world, '00000000-0000-4000-8000-000000000000'), good)).status).toBe(404)
  const closed = await world.paywall({ price })
  await world.client.paywalls.archive.mutate({ paywallId: closed.id })
  for (const response of [await fetch(urlOf(world, closed.id)), await present(urlOf(world, closed.id), good)]) {
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ error: 'PAYWALL_CLOSED' })
  }
})

test('a payer on the deny list is refused before any money moves, and the decision is kept', async () => {
  const listedBuyer = await buyer(world)
  await world.client.lists.create.mutate({ name: 'fraud', kind: 'deny' })
  await world.client.lists.add.mutate({ list: 'fraud', address: listedBuyer.address, reason: 'because of a test' })
  const response = await present(url, await listedBuyer.pay(good.accepted))
  expect(response.status).toBe(403)
  const body = (await response.json()) as { error: string; details: { decisionId: string; checks: unknown[] } }
  expect(body).toMatchObject({
    error: 'REFUSED_BY_COMPLIANCE',
    details: { checks: [{ rule: 'deny-list', outcome: 'deny', remedy: expect.any(String) }] },
  })
  // why they are on it is not for everybody
  expect(JSON.stringify(body)).not.toContain('because of a test')
  const decision = await world.client.decisions.get.query({ decisionId: body.details.decisionId })
  expect(decision).toMatchObject({ outcome: 'deny', action: 'payment' })
  expect(await world.transfers(listedBuyer.address, price)).toBe(0)
})

test('what an officer would have to look at first is refused: nobody waits here', async () => {
  await publish(world, { rule: 'threshold', assetId: world.assetId, above: 1_000n, otherwise: 'review' })
  const response = await present(url, await one.pay(good.accepted))
  expect(response.status).toBe(403)
  const body = (await response.json()) as { message: string; details: { decisionId: string } }
  expect(body).toMatchObject({
    error: 'REFUSED_BY_COMPLIANCE',
    message: expect.stringContaining('officer'),
    details: { checks: [{ rule: 'threshold', outcome: 'review' }] },
  })
  const { decisionId } = body.details
  expect(await world.client.decisions.get.query({ decisionId })).toMatchObject({ outcome: 'review' })
  expect((await world.client.reviews.list.query({})).items).toEqual([])
})

test('pages of any site may ask and pay, and read the answer; no cookie counts', async () => {
  const asked = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://anywhere.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'payment-signature',
    },
  })
  expect(asked.headers.get('access-control-allow-origin')).toBe('*')
  expect(asked.headers.get('access-control-allow-headers')).toContain('payment-signature')
  const offer = await fetch(url, { headers: { origin: 'https://anywhere.example' } })
  expect(offer.headers.get('access-control-expose-headers')).toContain('payment-required')
  expect(offer.headers.get('access-control-allow-credentials')).toBeNull()
})
