import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ReceivedWebhook, WebhookRefusal } from '../../client-sdk/webhooks.ts'
import { verifyWebhook } from '../../client-sdk/webhooks.ts'
import type { ServiceEvent } from '../../server/contract/events.ts'
import { newSigningSecret, signWebhook } from '../../server/domain/deliveries/sign-webhook.ts'
import { webhookOf } from '../../server/domain/deliveries/webhook-of.ts'

const event = {
  id: 'evt_3f0c1f0e6a1d4b0a9c530d8f6f1f2a11_3',
  position: 42n,
  appId: '11111111-2222-4333-8444-555555555555',
  type: 'payment.settled',
  version: 1,
  objectType: 'payment',
  objectId: '3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11',
  sequence: 3n,
  createdAt: new Date('2026-11-23T10:00:00.007Z'),
  data: { amount: '1500000', note: 'é' },
} as unknown as ServiceEvent
const body = webhookOf(event)
const secret = newSigningSecret()
const other = newSigningSecret()
const timestamp = 1_795_428_000
const now = () => timestamp * 1000
const signatureBy = (...secrets: string[]) => signWebhook(secrets, { id: event.id, timestamp, body })
const good = {
  'webhook-id': event.id,
  'webhook-timestamp': `${timestamp}`,
  'webhook-signature': signatureBy(secret),
}

const verified = (changed: Partial<ReceivedWebhook> = {}, secrets: string | string[] = secret, at = now) =>
  verifyWebhook(secrets, { headers: good, body, ...changed }, { now: at })

describe('a signed webhook is believed, and is the event that was told', () => {
  test.for<[string, () => Promise<ServiceEvent>]>([
    ['headers as Node has them', () => verified()],
    ['headers as fetch has them', () => verified({ headers: new Headers(good) })],
    [
      'headers in capitals',
      () => verified({ headers: Object.fromEntries(Object.entries(good).map(([k, v]) => [k.toUpperCase(), v])) }),
    ],
    [
      'headers in lists of one',
      () => verified({ headers: Object.fromEntries(Object.entries(good).map(([k, v]) => [k, [v]])) }),
    ],
    ['the body in bytes', () => verified({ body: Buffer.from(body) })],
    ['two secrets here, of which one signed', () => verified({}, [other, secret])],
    [
      'two signatures, the second by the secret',
      () => verified({ headers: { ...good, 'webhook-signature': signatureBy(other, secret) } }),
    ],
    [
      'a signature of another version beside it',
      () => verified({ headers: { ...good, 'webhook-signature': `v1a,c29tZXRoaW5n ${signatureBy(secret)}` } }),
    ],
    ['300 seconds late', () => verified({}, secret, () => now() + 300_000)],
    ['300 seconds early', () => verified({}, secret, () => now() - 300_000)],
  ])('%s', async ([, verify]) => {
    expect(await verify()).toEqual(event)
  })
})

const withHeader = (name: keyof typeof good, value: string | string[] | undefined) => ({
  headers: { ...good, [name]: value },
})
const signed = (text: string, key = secret) => ({
  headers: { ...good, 'webhook-signature': signWebhook([key], { id: event.id, timestamp, body: text }) },
  body: text,
})
const bare = good['webhook-signature'].slice('v1,'.length)
const over = (text: string) =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(text)
    .digest('base64')}`

describe('a webhook is not believed', () => {
  test.for<[string, WebhookRefusal, Partial<ReceivedWebhook>, (() => number)?]>([
    ['without its id', 'missing_headers', withHeader('webhook-id', undefined)],
    ['with an empty id', 'missing_headers', withHeader('webhook-id', '')],
    ['with two ids', 'missing_headers', withHeader('webhook-id', [event.id, event.id])],
    ['without its time', 'missing_headers', withHeader('webhook-timestamp', undefined)],
    ['without a signature', 'missing_headers', withHeader('webhook-signature', undefined)],
    ['with an empty signature', 'missing_headers', withHeader('webhook-signature', '')],
    ['without headers', 'missing_headers', { headers: new Headers() }],
    ['with the id of another', 'bad_signature', withHeader('webhook-id', `${event.id}1`)],
    ['with its id in another case', 'bad_signature', withHeader('webhook-id', event.id.toUpperCase())],
    ['with another time', 'bad_signature', withHeader('webhook-timestamp', `${timestamp + 1}`)],
    ['with a time of a fraction', 'bad_timestamp', withHeader('webhook-timestamp', `${timestamp}.0`)],
    ['with a time in words', 'bad_timestamp', withHeader('webhook-timestamp', 'now')],
    ['with a time before 1970', 'bad_timestamp', withHeader('webhook-timestamp', `-${timestamp}`)],
    ['301 seconds late', 'too_old', {}, () => now() + 301_000],
    ['301 seconds early', 'too_new', {}, () => now() - 301_000],
    ['signed by another secret', 'bad_signature', withHeader('webhook-signature', signatureBy(other))],
    ['signed by two others', 'bad_signature', withHeader('webhook-signature', signatureBy(other, newSigningSecret()))],
    ['of another version', 'bad_signature', withHeader('webhook-signature', `v2,${bare}`)],
    ['of version 1a', 'bad_signature', withHeader('webhook-signature', `v1a,${bare}`)],
    ['without a version', 'bad_signature', withHeader('webhook-signature', bare)],
    ['with a comma after its signature', 'bad_signature', withHeader('webhook-signature', `v1,${bare},`)],
    ['with half a signature', 'bad_signature', withHeader('webhook-signature', `v1,${bare.slice(0, 22)}`)],
    ['with no base64 for a signature', 'bad_signature', withHeader('webhook-signature', 'v1,!!! v1, v1,%00')],
    [
      'signed in hex',
      'bad_signature',
      withHeader('webhook-signature', `v1,${Buffer.from(bare, 'base64').toString('hex')}`),
    ],
    ['signed over the body alone', 'bad_signature', withHeader('webhook-signature', over(body))],
    ['signed without the time', 'bad_signature', withHeader('webhook-signature', over(`${event.id}.${body}`))],
    ['parsed and written again', 'bad_signature', { body: JSON.stringify(JSON.parse(body), null, 2) }],
    ['in another encoding', 'bad_signature', { body: Buffer.from(body, 'latin1') }],
    ['with a line at its end', 'bad_signature', { body: `${body}\n` }],
    ['with another amount', 'bad_signature', { body: body.replace('1500000', '9500000') }],
    ['with an empty body', 'bad_signature', { body: '' }],
    ['that is signed, and no JSON', 'not_an_event', signed('hello')],
    ['that is signed, and holds another event', 'not_an_event', signed(body.replace('11_3', '11_4'))],
  ])('%s', async ([, reason, changed, at]) => {
    await expect(verified(changed, secret, at)).rejects.toMatchObject({
      name: 'ProviderServiceError',
      code: 'WEBHOOK_REFUSED',
      retryable: false,
      details: { reason },
    })
  })

  test.for(['', 'whsec_', 'secret', `whsec_${randomBytes(8).toString('base64')}`, `whsec_${'!'.repeat(32)}`, bare])(
    'and "%s" is no secret',
    async (wrong) => {
      const error = await verified({}, wrong).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TypeError)
    },
  )
})

test("Standard Webhooks' published vector is signed rightly, and the event that it does not hold is said to be missing", async () => {
  const vector = {
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
  }
  const verify = (received: ReceivedWebhook) =>
    verifyWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', received, { now: () => 1_614_265_330_000 })
  await expect(verify(vector)).rejects.toMatchObject({ details: { reason: 'not_an_event' } })
  await expect(verify({ ...vector, body: '{"test": 2432232315}' })).rejects.toMatchObject({
    details: { reason: 'bad_signature' },
  })
})
