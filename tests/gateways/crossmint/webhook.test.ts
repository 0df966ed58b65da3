import { describe, expect, test } from 'vitest'
import { createChains } from '../../../server/gateways/crossmint/chains.ts'
import { readWebhook } from '../../../server/gateways/crossmint/read-webhook.ts'
import { hintOf, webhook } from '../../../server/gateways/crossmint/webhook-schema.ts'

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
