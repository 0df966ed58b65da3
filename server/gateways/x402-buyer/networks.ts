import { EVM_NETWORK_CHAIN_ID_MAP } from '@x402/evm/v1'

const known = new Map<string, number>(Object.entries(EVM_NETWORK_CHAIN_ID_MAP))

/** The number of a chain by its name in either version of x402; null where it is no EVM chain, or not one that we know the name of. */
export function chainOfNetwork(network: string): number | null {
  const [, number] = /^eip155:(\d{1,15})$/.exec(network) ?? []
  return number ? Number(number) : (known.get(network) ?? null)
}
