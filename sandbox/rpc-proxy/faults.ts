/** How a node misbehaves. The first group befalls a whole request, which may hold many calls; the others one call. */
export type RpcFault =
  | 'hang' // takes the request and never answers; nothing reaches the chain
  | 'cut' // the connection breaks before anything reaches the chain
  | 'lost' // the chain does it, then the connection breaks without an answer
  | 'limited' // 429 with Retry-After
  | 'bad-gateway' // 502
  | 'unfinalized' // a node that has not accepted the block yet
  | 'twice' // the chain gets the call twice; the second answer counts
  | 'dropped' // the chain takes the transaction, answers, and forgets it before a block has it
  | 'already-known' // the chain takes the transaction, the answer is that it had it
  | 'nonce-too-low' // these four never reach the chain
  | 'nonce-too-high'
  | 'underpriced'
  | 'too-little-gas'

const ofRequests = ['hang', 'cut', 'lost', 'limited', 'bad-gateway'] as const

export type RequestFault = (typeof ofRequests)[number]

export const isOfRequest = (fault: RpcFault | null): fault is RequestFault =>
  (ofRequests as readonly (string | null)[]).includes(fault)

/** What nodes of Avalanche say. All have the code -32000. */
export const words = {
  unfinalized: 'cannot query unfinalized data',
  'already-known': 'already known',
  'nonce-too-low': 'nonce too low',
  'nonce-too-high': 'nonce too high',
  underpriced: 'replacement transaction underpriced',
  'too-little-gas': 'intrinsic gas too low',
  'not-allowed': 'cannot issue transaction from non-allow listed address',
} as const
