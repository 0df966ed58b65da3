import type { Address } from 'viem'
import { canTransferToken } from './can-transfer.ts'
import { erc1404Token } from './erc-1404.ts'
import { erc3643Token } from './erc-3643.ts'
import { erc7943DraftToken, erc7943Token } from './erc-7943.ts'
import type { TokenCapabilities, TokenProfile, TokenStandard } from './token-profile.ts'

const profiles: Record<TokenStandard, (token: Address, capabilities: TokenCapabilities) => TokenProfile> = {
  'erc-7943': erc7943Token,
  'erc-7943-draft': erc7943DraftToken,
  'erc-3643': erc3643Token,
  'erc-1404': erc1404Token,
  'can-transfer': canTransferToken,
}

/** How a token of this standard is spoken to; `capabilities` are what a probe found. */
export const createProfile = (standard: TokenStandard, token: Address, capabilities: TokenCapabilities): TokenProfile =>
  profiles[standard](token, capabilities)
