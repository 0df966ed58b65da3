import { toHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'

/** The sandbox's reader: the key of a development chain that everybody knows. */
export const reader = mnemonicToAccount('test test test test test test test test test test test junk', {
  addressIndex: 7,
})
export const sandboxKey = toHex(reader.getHdKey().privateKey!)
