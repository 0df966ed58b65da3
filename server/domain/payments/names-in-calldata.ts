import { concat, type Hash, type Hex, keccak256, stringToBytes } from 'viem'

/** The 16 bytes of an id of ours. */
const bytesOf = (id: string): Hex => `0x${id.replaceAll('-', '')}`

/** Calldata that names a paywall: its id's 16 bytes follow the arguments, which contracts ignore. */
export const withPaywall = (data: Hex, paywallId: string): Hex => concat([data, bytesOf(paywallId)])

/** A paywall's name where a contract takes a `bytes32`: Keccak-256 of its id in text, in lower case with its dashes. */
export const paywallHash = (paywallId: string): Hash => keccak256(stringToBytes(paywallId))

/** The bytes that name a paywall in a chain transaction: any one of them does. */
export const namesOfPaywall = (paywallId: string): Hex[] => [bytesOf(paywallId), paywallHash(paywallId)]

/** The bytes that name a payment in a chain transaction: its own transaction's id, or whatever names its paywall. */
export const namesOfPayment = ({ transactionId, paywallId }: { transactionId: string; paywallId: string }): Hex[] => [
  bytesOf(transactionId),
  ...namesOfPaywall(paywallId),
]

/** Whether one of these names is anywhere in the calldata of a chain transaction: a wallet that is a contract has calls within its calls. */
export function isNamedIn(calldata: Hex, names: readonly Hex[]): boolean {
  const bytes = Buffer.from(calldata.slice(2), 'hex')
  return names.some((name) => bytes.includes(Buffer.from(name.slice(2), 'hex')))
}
