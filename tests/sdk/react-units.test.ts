import { describe, expect, test } from 'vitest'
import { type Client, ProviderServiceError, type ServiceEvent } from '../../client-sdk/index.ts'
import { concerns } from '../../client-sdk/react/concerns.ts'
import { explain, keyOf } from '../../client-sdk/react/index.ts'
import { errorCodes } from '../../server/contract/errors.ts'

describe('explain', () => {
  const ours = [
    'UNREACHABLE',
    'PAYMENT_NOT_SETTLED',
    'WEBHOOK_REFUSED',
    'WALLET_REJECTED',
    'WRONG_CHAIN',
    'WALLET_FAILED',
  ]
  const codes = [...Object.keys(errorCodes), ...ours] as ProviderServiceError['code'][]

  test.each(codes)('has words for %s', (code) => {
    const { title, sentence, advice } = explain(new ProviderServiceError('So it is.', { code, retryable: false }))
    expect(title).toMatch(/^[A-Z][^_.]+$/)
    expect(sentence).toMatch(/^[A-Z].+[.]$/)
    expect(advice).toMatch(/^$|^[A-Z].+[.]$/)
  })

  test('says what would satisfy the rules that refused', () => {
    const details = { checks: [{ remedy: 'Verify who you are.' }, { remedy: null }, { remedy: 'Verify who you are.' }] }
    const error = new ProviderServiceError('No.', { code: 'REFUSED_BY_COMPLIANCE', retryable: false, details })
    expect(explain(error).advice).toBe('Verify who you are.')
  })

  test('takes whatever was thrown', () => {
    expect(explain(new TypeError('fetch failed')).title).toBe('No connection')
  })
})

describe('keyOf', () => {
  test('is the path and the input, as JSON has it', () => {
    expect(keyOf((service) => service.payments)).toEqual(['provider-service', 'payments'])
    expect(keyOf((service) => service.payments.list, { cursor: undefined, limit: 2 })).toEqual([
      'provider-service',
      'payments',
      'list',
      { limit: 2 },
    ])
    expect(keyOf((service) => service.events.list, { cursor: 7n })).toEqual([
      'provider-service',
      'events',
      'list',
      { cursor: '7' },
    ])
  })
})

describe('what an event has read again', () => {
  const [paymentId, other, walletId, paywallId] = ['p1', 'p2', 'w1', 's1']
  const paid = { objectType: 'payment', objectId: paymentId, type: 'payment.settled', data: { walletId, paywallId } }
  const concerned = (event: object, select: (service: Client) => unknown, input?: object) =>
    concerns(event as ServiceEvent, keyOf(select, input))

  test.for<[string, (service: Client) => unknown, object | undefined, boolean]>([
    ['the payment', (service) => service.payments.get, { paymentId }, true],
    ['another payment', (service) => service.payments.get, { paymentId: other }, false],
    ['a list of payments', (service) => service.payments.list, { limit: 5 }, true],
    ['payments of another wallet', (service) => service.payments.list, { walletId: 'w2' }, false],
    ['the access that it buys', (service) => service.access.check, { walletId, paywallId }, true],
    ['access to something else', (service) => service.access.check, { walletId, paywallId: 's2' }, false],
    ['what the wallet holds', (service) => service.wallets.balances, { walletId }, true],
    ['what another wallet holds', (service) => service.wallets.balances, { walletId: 'w2' }, false],
    ['policies', (service) => service.policies.list, {}, false],
    ['who is there', (service) => service.auth.me, undefined, false],
  ])('a payment: %s', ([, select, input, expected]) => expect(concerned(paid, select, input)).toBe(expected))

  test('a policy: what was quoted, and not what was paid', () => {
    const published = { objectType: 'policy', objectId: 'x', type: 'policy.published', data: {} }
    expect(concerned(published, (service) => service.payments.quote, { walletId, paywallId })).toBe(true)
    expect(concerned(published, (service) => service.payments.get, { paymentId })).toBe(false)
  })
})
