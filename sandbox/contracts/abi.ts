import { parseAbi } from 'viem'

/** The parts of the sandbox's contracts that TypeScript calls, readable. The whole ABIs are in `compiled/`. */
export const usdcAbi = parseAbi([
  'function mint(address to, uint256 value)',
  'function setBlocked(address account, bool blocked)',
  'function isBlacklisted(address account) view returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function decimals() view returns (uint8)',
  'function symbol() view returns (string)',
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
  'function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
  'function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
  'function cancelAuthorization(address authorizer, bytes32 nonce, bytes signature)',
  'function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
  'event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce)',
])

export const entryPointAbi = parseAbi([
  'struct PackedUserOperation { address sender; uint256 nonce; bytes initCode; bytes callData; bytes32 accountGasLimits; uint256 preVerificationGas; bytes32 gasFees; bytes paymasterAndData; bytes signature; }',
  'function handleOps(PackedUserOperation[] ops, address beneficiary)',
  'function getUserOpHash(PackedUserOperation op) view returns (bytes32)',
  'function getNonce(address sender, uint192 key) view returns (uint256)',
  'event UserOperationEvent(bytes32 indexed userOpHash, address indexed sender, address indexed paymaster, uint256 nonce, bool success, uint256 actualGasCost, uint256 actualGasUsed)',
  'event UserOperationRevertReason(bytes32 indexed userOpHash, address indexed sender, uint256 nonce, bytes revertReason)',
  'event AccountDeployed(bytes32 indexed userOpHash, address indexed sender, address factory, address paymaster)',
  'error FailedOp(uint256 opIndex, string reason)',
  'error FailedOpWithRevert(uint256 opIndex, string reason, bytes inner)',
])

export const smartAccountAbi = parseAbi([
  'function execute(bytes32 mode, bytes execution)',
  'function setSigner(address signer, uint48 validUntil)',
  'function owner() view returns (address)',
  'function signers(address signer) view returns (uint48)',
  'function messageHash(bytes32 hash) view returns (bytes32)',
  'function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)',
])

export const factoryAbi = parseAbi([
  'struct Grant { address signer; uint48 validUntil; }',
  'function createAccount(address owner, Grant[] grants, bytes32 salt) returns (address)',
  'function addressOf(address owner, Grant[] grants, bytes32 salt) view returns (address)',
  'function MASTER_COPY() view returns (address)',
])

export const payerRouterAbi = parseAbi([
  'function addPayee(string handle, address payee)',
  'function getPayee(string handle) view returns (address)',
  'function updatePayee(string handle, address newPayee)',
  'function payAndLogAccess(bytes32 contentId, string creatorHandle, address token, uint256 amount)',
  'event ContentAccessed(bytes32 indexed contentId, address indexed payer, address indexed creator, uint256 amount)',
  'event PayeeSet(string handle, address indexed payee)',
  'error BadHandle()',
  'error HandleTaken()',
  'error NotThePayee()',
  'error ZeroAddress()',
  'error ZeroAmount()',
  'error NotPaidInFull(uint256 received)',
])
