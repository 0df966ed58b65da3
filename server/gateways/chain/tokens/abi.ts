import { parseAbi } from 'viem'

/** What every token has. */
export const erc20 = parseAbi([
  'function name() view returns (string)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
])

export const erc165 = parseAbi(['function supportsInterface(bytes4 id) view returns (bool)'])

/** What ERC-7943 and its drafts have in common. */
export const erc7943 = parseAbi([
  'function canTransfer(address from, address to, uint256 amount) view returns (bool)',
  'function canSend(address account) view returns (bool)',
  'function canReceive(address account) view returns (bool)',
  'function getFrozenTokens(address account) view returns (uint256)',
  'function setFrozenTokens(address account, uint256 amount) returns (bool)',
  'function forcedTransfer(address from, address to, uint256 amount) returns (bool)',
  'event ForcedTransfer(address indexed from, address indexed to, uint256 amount)',
  'event Frozen(address indexed account, uint256 amount)',
])

/** ERC-7943 as it was before March 2026. */
export const erc7943Draft = parseAbi(['function canTransact(address account) view returns (bool)'])

export const erc1404 = parseAbi([
  'function detectTransferRestriction(address from, address to, uint256 amount) view returns (uint8)',
  'function messageForTransferRestriction(uint8 code) view returns (string)',
])

/** What issuers' tokens have by custom, in the words of OpenZeppelin and of the reference token of ERC-7943. */
export const managed = parseAbi([
  'function paused() view returns (bool)',
  'function isWhitelisted(address account) view returns (bool)',
  'function hasRole(bytes32 role, address account) view returns (bool)',
  'function mint(address to, uint256 amount)',
  'function burn(address from, uint256 amount)',
  'function pause()',
  'function unpause()',
  'function changeWhitelist(address account, bool status)',
  'event Paused(address account)',
  'event Unpaused(address account)',
  'event Whitelisted(address indexed account, bool status)',
])

/** An ERC-3643 token. */
export const erc3643 = parseAbi([
  'function compliance() view returns (address)',
  'function identityRegistry() view returns (address)',
  'function isAgent(address account) view returns (bool)',
  'function isFrozen(address account) view returns (bool)',
  'function getFrozenTokens(address account) view returns (uint256)',
  'function freezePartialTokens(address account, uint256 amount)',
  'function unfreezePartialTokens(address account, uint256 amount)',
  'function forcedTransfer(address from, address to, uint256 amount) returns (bool)',
  'event TokensFrozen(address indexed account, uint256 amount)',
  'event TokensUnfrozen(address indexed account, uint256 amount)',
  'event AddressFrozen(address indexed account, bool indexed frozen, address indexed by)',
])

/** What an ERC-3643 token asks about a movement as a whole. */
export const compliance3643 = parseAbi([
  'function canTransfer(address from, address to, uint256 amount) view returns (bool)',
])

/** What an ERC-3643 token asks about a holder. */
export const identityRegistry3643 = parseAbi([
  'function isVerified(address account) view returns (bool)',
  'function contains(address account) view returns (bool)',
  'function isAgent(address account) view returns (bool)',
  'function registerIdentity(address account, address identity, uint16 country)',
  'function deleteIdentity(address account)',
  'event IdentityRegistered(address indexed account, address indexed identity)',
  'event IdentityRemoved(address indexed account, address indexed identity)',
])

/** Enough of an encrypted token to know it by. */
export const encryptedErc = parseAbi([
  'function isConverter() view returns (bool)',
  'function registrar() view returns (address)',
  'function isAuditorKeySet() view returns (bool)',
])

/** By what contracts say why they refuse. */
export const refusals = parseAbi([
  'error Error(string reason)',
  'error Panic(uint256 code)',
  'error ERC7943CannotSend(address account)',
  'error ERC7943CannotReceive(address account)',
  'error ERC7943CannotTransact(address account)',
  'error ERC7943CannotTransfer(address from, address to, uint256 amount)',
  'error ERC7943InsufficientUnfrozenBalance(address account, uint256 amount, uint256 unfrozen)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InvalidSender(address sender)',
  'error ERC20InvalidReceiver(address receiver)',
  'error EnforcedPause()',
  'error ExpectedPause()',
  'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
  'error OwnableUnauthorizedAccount(address account)',
  'error HolderNotWhitelisted(address account)',
  'error TransferNotAllowed(address from, address to, uint256 amount)',
  'error NotAnAccount()',
])
