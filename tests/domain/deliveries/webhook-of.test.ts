import { expect, test } from 'vitest'
import type { ServiceEvent } from '../../../server/contract/events.ts'
import { signWebhook } from '../../../server/domain/deliveries/sign-webhook.ts'
import { webhookOf } from '../../../server/domain/deliveries/webhook-of.ts'

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
  data: {
    transactionHash: '0xab',
    amount: '1500000',
    note: 'é "quoted" \u2028',
    nested: { b: [1, null, true], a: 1e21 },
  },
} as unknown as ServiceEvent

test('the body of an event is these very bytes, in whatever order its facts were written', () => {
  const body =
    '{"data":{"app":"11111111-2222-4333-8444-555555555555","data":{"amount":"1500000","nested":{"a":1e+21,"b":[1,null,true]},"note":"é \\"quoted\\" \u2028","transactionHash":"0xab"},"id":"evt_3f0c1f0e6a1d4b0a9c530d8f6f1f2a11_3","object":{"id":"3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11","type":"payment"},"position":42,"sequence":3,"version":1},"timestamp":"2026-11-23T10:00:00.007Z","type":"payment.settled"}'
  expect(webhookOf(event)).toBe(body)
  const { data, ...rest } = event
  const reversed = { data: Object.fromEntries(Object.entries(data).reverse()), ...rest } as ServiceEvent
  expect(webhookOf(reversed)).toBe(body)
})

test("signatures are those of Standard Webhooks' published vector, one for each secret", () => {
  const vector = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' }
  const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
  expect(signWebhook(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], vector)).toBe(signature)
  const both = signWebhook(
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', `whsec_${Buffer.alloc(24, 7).toString('base64')}`],
    vector,
  )
  expect(both.split(' ')).toEqual([signature, expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/)])
})
