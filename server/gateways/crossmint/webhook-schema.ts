import type { Hash } from 'viem'
import { z } from 'zod'
import type { Chains } from './chains.ts'
import { transfer } from './schemas.ts'

/** A webhook of any type; those of wallet transfers say more. */
export const webhook = z.looseObject({ id: z.string().optional(), type: z.string(), data: z.unknown() })

export type Webhook = z.infer<typeof webhook>

/** Where a webhook tells us to look. Nothing in it is believed: provider and chain are read. */
export interface WebhookHint {
  /** Crossmint's transaction id; null for a deposit from outside. */
  transferId: string | null
  transactionHash: Hash | null
  /** Null for a chain we do not know. */
  chainId: number | null
  direction: 'in' | 'out'
  /** The addresses as they came, for looking wallets up. */
  sender: string
  recipient: string
}

const transferTypes: Readonly<Record<string, WebhookHint['direction']>> = {
  'wallets.transfer.in': 'in',
  'wallets.transfer.out': 'out',
}

/** Null for every type but a wallet transfer, and for a transfer whose data is not what we know. */
export function hintOf({ data, type }: Webhook, chains: Chains): WebhookHint | null {
  const direction = transferTypes[type]
  if (!direction) return null
  const parsed = transfer.safeParse(data)
  if (!parsed.success) return null
  const { onChain, recipient, sender, token, transferId } = parsed.data
  const slug = token.chain ?? sender.chain ?? recipient.chain
  return {
    transferId: transferId ?? null,
    transactionHash: onChain?.txId ?? null,
    chainId: slug ? chains.idOf(slug) : null,
    direction,
    sender: sender.address,
    recipient: recipient.address,
  }
}
