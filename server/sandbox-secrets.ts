/** The secrets of the sandbox. They are published with the code: production refuses them. */
export const sandboxSecrets = {
  crossmintApiKey: 'sk_staging_sandbox',
  signerKey: '0x7a1f5cb0a9a4b9a3a3c1f0c3f1d5b8a6e2d4c6b8a0f2e4d6c8b0a2f4e6d8c0b1',
  localSignerKey: '0x1c5e0f3ad94b7be21c9a6dd4f30be8f1b2a7c6e5d4938271605f4e3d2c1b0a99',
  x402SignerKey: '0x2d6f1e4bc05a8cf32b7d0ee5a41cf902c3b8d7f6e5a49382716f5e4d3c2b1aa0',
  webhookSecret: `whsec_${Buffer.from('the sandbox webhook secret').toString('base64')}`,
  sessionPassword: 'the-sandbox-session-password-known-to-everybody',
  tokenSeed: Buffer.from('the sandbox token seed, 32 bytes').toString('base64url'),
  auditSeed: Buffer.from('the sandbox audit seed, 32 bytes').toString('base64url'),
  callbackSecret: 'the-sandbox-callback-secret-known-to-everybody',
  buyerKey: '0x5b1e7f0c2d4a6988b7c6d5e4f3021f0e9d8c7b6a594837261504f3e2d1c0bfae',
  httpayerKey: 'sk-live-sandbox-httpayer-known-to-everybody',
  operatorKey: 'psk_sandbox-operator-key-known-to-everybody-000',
} as const

/** Private keys of the development accounts that local chains print at their start. */
const developmentKeys = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
]

/** Whether a secret is one that everybody knows. */
export const isSandboxSecret = (secret: string): boolean =>
  [...Object.values(sandboxSecrets), ...developmentKeys].includes(secret.toLowerCase()) ||
  Object.values<string>(sandboxSecrets).includes(secret)
