import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createChains } from '../../../server/gateways/crossmint/chains.ts'
import { readWebhook } from '../../../server/gateways/crossmint/read-webhook.ts'
import { readWebhookSecret, verifyWebhook } from '../../../server/gateways/crossmint/verify-webhook.ts'
import { hintOf, webhook } from '../../../server/gateways/crossmint/webhook-schema.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const key = readWebhookSecret(secret)
const oldKey = readWebhookSecret(`whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`)
const now = 1_614_265_330_000
const body = Buffer.from('{"test": 2432232314}')

function sign(using: Buffer, id: string, timestamp: string, content: Buffer): string {
  return `v1,${createHmac('sha256', using).update(`${id}.${timestamp}.${content}`).digest('base64')}`
}
function headersFor({ id = 'msg_1', timestamp = `${now / 1000}`, using = key, content = body } = {}) {
  return { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': sign(using, id, timestamp, content) }
}

test('the example in the documentation of Svix verifies', () => {
  const headers = {
    'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'svix-timestamp': '1614265330',
    'svix-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }

  expect(verifyWebhook([key], { headers, body }, now)).toEqual({
    ok: true,
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    sentAt: new Date(now),
  })
})

test('either secret is good while one replaces the other, and one good signature among several is enough', () => {
  const headers = headersFor({ using: oldKey })
  const several = { ...headers, 'svix-signature': `v1a,xxxx v1,AAAA ${headers['svix-signature']}` }

  expect(verifyWebhook([key, oldKey], { headers, body }, now)).toMatchObject({ ok: true })
  expect(verifyWebhook([oldKey], { headers: several, body }, now)).toMatchObject({ ok: true })
  expect(verifyWebhook([key], { headers, body }, now)).toEqual({ ok: false, reason: 'bad_signature' })
  expect(verifyWebhook([], { headers, body }, now)).toEqual({ ok: false, reason: 'bad_signature' })
})

test.each([
  [-300, true],
  [300, true],
  [-301, false],
  [301, false],
])('sent %i seconds from now: %s', (seconds, ok) => {
  const headers = headersFor({ timestamp: `${now / 1000 + seconds}` })
  const verdict = verifyWebhook([key], { headers, body }, now)
  expect(verdict).toMatchObject(ok ? { ok } : { ok, reason: 'too_old' })
})

test.each(['', 'soon', '1614265330.5', '-1614265330', '1e9', '99999999999999999999'])('timestamp %j', (timestamp) => {
  const reason = timestamp === '' ? 'missing_headers' : 'bad_timestamp'
  expect(verifyWebhook([key], { headers: headersFor({ timestamp }), body }, now)).toEqual({ ok: false, reason })
})

test.each(['svix-id', 'svix-timestamp', 'svix-signature'])('without %s, or with two', (name) => {
  const headers: Record<string, string | string[] | undefined> = headersFor()
  const twice = { ...headers, [name]: [headers[name] as string, 'other'] }
  const without = { ...headers, [name]: undefined }

  for (const given of [twice, without]) {
    expect(verifyWebhook([key], { headers: given, body }, now)).toEqual({ ok: false, reason: 'missing_headers' })
  }
})

test('no other body, id or timestamp passes under a signature', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('body', 'svix-id', 'svix-timestamp'),
      (place, change, what) => {
        const headers = headersFor()
        const other = Buffer.from(body)
        if (what === 'body') other[place % other.length]! ^= change
        else if (what === 'svix-id') headers['svix-id'] += 'x'
        else headers['svix-timestamp'] = `${now / 1000 + 1 + (place % 200)}`
        expect(verifyWebhook([key], { headers, body: other }, now)).toEqual({ ok: false, reason: 'bad_signature' })
      },
    ),
  )
})

test('bytes that are not text are signed as bytes', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80])
  const signature = createHmac('sha256', key)
    .update(`msg_1.${now / 1000}.`)
    .update(bytes)
    .digest('base64')
  const headers = { ...headersFor(), 'svix-signature': `v1,${signature}` }

  expect(verifyWebhook([key], { headers, body: bytes }, now)).toMatchObject({ ok: true })
})

test.each(['', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_not base64 at all!'])(
  'secret %j is refused at the start',
  (text) => {
    expect(() => readWebhookSecret(text)).toThrow('A webhook secret is whsec_')
  },
)

describe('what a webhook tells', () => {
  const chains = createChains()
  const hash = `0x${'cd'.repeat(32)}`
  const out = {
    id: 'evt_1',
    type: 'wallets.transfer.out',
    data: {
      sender: { address: '0x1111111111111111111111111111111111111111', chain: 'avalanche-fuji', locator: 'x' },
      recipient: { address: '0x2222222222222222222222222222222222222222', locator: 'x' },
      token: {
        type: 'fungible',
        chain: 'avalanche-fuji',
        locator: 'x',
        decimals: 6,
        amount: '1.0',
        rawAmount: '1000000',
      },
      status: 'succeeded',
      transferId: '93fd7f08',
      onChain: { txId: hash, explorerLink: 'https://explorer.example' },
      completedAt: '2026-05-01T10:00:05.000Z',
    },
  }
  const read = (value: unknown) => hintOf(webhook.parse(value), chains)

  test('a transfer out', () => {
    expect(read(out)).toEqual({
      transferId: '93fd7f08',
      transactionHash: hash,
      chainId: 43113,
      direction: 'out',
      sender: out.data.sender.address,
      recipient: out.data.recipient.address,
    })
  })

  test('a failed one that never landed, a deposit from outside, a chain we do not know', () => {
    const { onChain: _, ...failed } = {
      ...out.data,
      status: 'failed',
      error: { message: 'No', reason: 'build_failed' },
    }
    const { transferId: __, ...deposit } = out.data
    const elsewhere = { ...out.data, token: { ...out.data.token, chain: 'moon' } }

    expect(read({ ...out, data: failed })).toMatchObject({ transactionHash: null, transferId: '93fd7f08' })
    expect(read({ ...out, type: 'wallets.transfer.in', data: deposit })).toMatchObject({
      transferId: null,
      direction: 'in',
    })
    expect(read({ ...out, data: elsewhere })).toMatchObject({ chainId: null })
  })

  test('other types and other data pass without a hint', () => {
    expect(read({ type: 'wallets.signer.exported', data: {} })).toBeNull()
    expect(read({ ...out, data: null })).toBeNull()
    expect(read({ ...out, data: { ...out.data, sender: 'me' } })).toBeNull()
    expect(webhook.safeParse({ data: {} }).success).toBe(false)
  })

  test('a body read whole: transfer, another type, not a webhook, not JSON', () => {
    const whole = (body: unknown) =>
      readWebhook(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), chains)

    expect(whole(out)).toEqual({ kind: 'transfer', reference: '93fd7f08', transactionHash: hash })
    expect(whole({ type: 'users.created', data: {} })).toEqual({ kind: 'irrelevant', type: 'users.created' })
    expect(whole({ data: {} })).toMatchObject({ kind: 'unreadable' })
    expect(whole('{"type":')).toMatchObject({ kind: 'unreadable' })
    expect(whole('null')).toMatchObject({ kind: 'unreadable' })
  })
})
