import { parseAbi } from 'viem'

/** What the sandbox calls of its permissioned tokens, readable. The whole ABIs are in `../contracts/compiled/`. */
export const managedTokenAbi = parseAbi([
  'function grantRole(bytes32 role, address account)',
  'function revokeRole(bytes32 role, address account)',
  'function hasRole(bytes32 role, address account) view returns (bool)',
  'function decimals() view returns (uint8)',
  'function balanceOf(address account) view returns (uint256)',
  'function isWhitelisted(address account) view returns (bool)',
  'function mint(address to, uint256 amount)',
  'function burn(address from, uint256 amount)',
  'function pause()',
  'function unpause()',
  'function paused() view returns (bool)',
  'function changeWhitelist(address account, bool status)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'function getFrozenTokens(address account) view returns (uint256)',
  'function setFrozenTokens(address account, uint256 amount) returns (bool)',
  'function forcedTransfer(address from, address to, uint256 amount) returns (bool)',
  'function canTransfer(address from, address to, uint256 amount) view returns (bool)',
  'function detectTransferRestriction(address from, address to, uint256 amount) view returns (uint8)',
  'function setMaximumHolding(uint256 amount)',
  'function setMaximumTransfer(uint256 amount)',
])

export const txAllowListAbi = parseAbi([
  'function readAllowList(address account) view returns (uint256)',
  'function setNone(address account)',
  'function setEnabled(address account)',
  'function setManager(address account)',
  'function setAdmin(address account)',
])
