import type { Address } from 'viem'
import type { Call } from '../wallet-provider.ts'
import type { Fees, GasPolicy } from './gas-policy.ts'
import { type Signed, type SigningKey, signTransaction } from './signing-key.ts'

interface Unsigned extends Fees {
  chainId: number
  nonce: bigint
  call: Call
  gas: bigint
}

/** Signs a call with a nonce. Chains with a fixed price may know no other transactions than those of before EIP-1559. */
export function signAttempt(
  key: SigningKey,
  { policy }: GasPolicy,
  { chainId, nonce, call, gas, feeCap, tip }: Unsigned,
): Promise<Signed> {
  const what = { chainId, nonce: Number(nonce), to: call.to, value: call.value, data: call.data, gas }
  return signTransaction(
    key,
    policy === 'fixed'
      ? { ...what, type: 'legacy', gasPrice: feeCap }
      : { ...what, type: 'eip1559', maxFeePerGas: feeCap, maxPriorityFeePerGas: tip },
  )
}

/** What uses a nonce up and does nothing: a transfer of nothing to oneself. */
export const nothing = (address: Address): { call: Call; gas: bigint } => ({
  call: { to: address, value: 0n, data: '0x' },
  gas: 21_000n,
})
