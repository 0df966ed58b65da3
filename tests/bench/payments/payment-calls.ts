import { bodyOf, mutation } from '../load/load.ts'
import type { Contestant } from '../load/measure.ts'
import { usageOf } from '../load/usage.ts'
import type { Setting } from '../setting.ts'

/** `payments.create` with the app's key: every wallet pays every paywall, again and again. */
export const paymentCalls = ({ sandbox, service, apiKey, wallets, paywalls }: Setting): Contestant => ({
  round: {
    port: Number(new URL(service.url).port),
    path: mutation('payments.create'),
    headers: { authorization: `Bearer ${apiKey}` },
    calls: wallets.flatMap(({ id: walletId }) =>
      paywalls.map(({ id: paywallId }) => ({ body: bodyOf({ paywallId, walletId, idempotencyKey: 'bench-{key}' }) })),
    ),
    expected: '"replayed":false',
  },
  usage: () => usageOf(sandbox.serviceUrl),
})
