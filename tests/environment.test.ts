import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BadEnvironment, readEnvironment } from '../server/environment.ts'
import { sandboxSecrets } from '../server/sandbox-secrets.ts'
import { run } from './http/support/run.ts'

const good = {
  DATABASE_URL: 'postgres://app:pw-canary@db.example.com/provider',
  CROSSMINT_API_KEY: 'sk_production_canary',
  CROSSMINT_SIGNER_KEY: `0x${'c'.repeat(64)}`,
  CROSSMINT_WEBHOOK_SECRET: `whsec_${Buffer.from('a webhook secret of ours').toString('base64')}`,
  CHAINS: '[{"chainId":43114,"rpcUrl":"https://rpc.example.com"}]',
  PUBLIC_URL: 'https://api.example.com',
  SESSION_PASSWORDS: `1:${'canary-'.repeat(5)}`,
  TOKEN_KEYS: `2026-11:${'canary_'.repeat(6)}A`,
  AUDIT_KEYS: `2026-12:${'yranac_'.repeat(6)}A`,
}

const address = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const chainsettle = (patch: object = {}) =>
  JSON.stringify({
    registries: [{ chainId: 43114, docusign: address }],
    issuers: [address.toLowerCase()],
    levels: { 'kyc-full': 2 },
    ...patch,
  })
const uid = `0x${'Ab'.repeat(32)}`
const eas = (patch: object = {}) =>
  JSON.stringify({
    chainId: 43114,
    eas: address,
    indexer: address,
    attesters: [address],
    schemas: [{ uid, field: 'bool verifiedAccount', kind: 'kyc', level: 2 }],
    ...patch,
  })

function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readEnvironment(env)
    return []
  } catch (error) {
    if (error instanceof BadEnvironment) return error.problems
    throw error
  }
}

const sources = (source: object = {}) =>
  JSON.stringify([
    { name: 'billing', scheme: 'standard-webhooks', secrets: [good.CROSSMINT_WEBHOOK_SECRET], ...source },
  ])

test('the least that is needed is enough, and the rest has defaults', () => {
  expect(readEnvironment(good)).toMatchObject({
    host: '127.0.0.1',
    port: 4000,
    workers: true,
    seals: true,
    audit: { key: { id: '2026-12' }, interval: 3_000, checkpoints: null },
    databaseConnections: 20,
    crossmint: { rateLimit: { writes: 120, reads: 360 } },
    chains: [{ chainId: 43114, confirmations: 1, finality: 32, crossmint: null }],
    attestations: { chainsettle: null, eas: null, callbackKeys: [], deadline: 3_000, keep: 60_000 },
    patience: { deadline: 600_000 },
    publicOrigin: 'https://api.example.com',
    proxies: 0,
    sessions: { passwords: { 1: 'canary-'.repeat(5) }, lifetime: 604_800_000, idle: 43_200_000 },
    tokenKeys: [{ kid: '2026-11' }],
    rateLimits: 'on',
    operatorKey: null,
  })
})

test('a chain is added by configuration alone: its nodes, who signs there, and what gas may cost', () => {
  const key = `0x${'5e'.repeat(32)}`
  const chains = [
    { chainId: 43_114, rpcUrl: 'https://one.example.com' },
    {
      chainId: 99_372,
      rpcUrl: ['https://one.example.com', 'https://two.example.com'],
      crossmint: 'evergreen',
      crossmintSenders: ['0x90f79bf6eb2c4f870365e785982e1f101e93b906'],
      txAllowList: true,
      localSigner: { gas: { policy: 'fixed', price: '25000000000' }, inFlight: 16 },
    },
    { chainId: 7, rpcUrl: 'https://one.example.com', localSigner: {} },
  ]
  const settings = readEnvironment({
    ...good,
    CHAINS: JSON.stringify(chains),
    LOCAL_SIGNER_KEYS: `agent:${key}`,
  })
  expect(settings.chains).toMatchObject([
    { rpcUrl: ['https://one.example.com'], localSigner: null, txAllowList: false, crossmint: null },
    {
      rpcUrl: ['https://one.example.com', 'https://two.example.com'],
      crossmint: 'evergreen',
      crossmintSenders: ['0x90F79bf6EB2c4f870365E785982E1f101E93b906'],
      txAllowList: true,
      localSigner: { gas: { policy: 'fixed', price: 25_000_000_000n }, inFlight: 16, replaceAfterMs: 30_000 },
    },
    { localSigner: { gas: { policy: 'eip1559', cap: 500_000_000_000n, tip: 1n }, inFlight: 256 } },
  ])
  expect(settings.localSignerKeys).toEqual({ agent: key })
  expect(problemsOf({ ...good, CHAINS: JSON.stringify(chains) })).toEqual([
    'CHAINS has a local signer on chain 99372, which needs LOCAL_SIGNER_KEYS',
    'CHAINS has a local signer on chain 7, which needs LOCAL_SIGNER_KEYS',
  ])
})

test('who attests is asked by the nodes of CHAINS', () => {
  const schemas = [
    { uid, field: 'bool verifiedAccount', kind: 'kyb', level: 3, levelName: 'business' },
    { uid, field: 'string verifiedCountry', basis: 'residence' },
  ]
  const { attestations } = readEnvironment({
    ...good,
    CHAINSETTLE: chainsettle({ baseUrl: 'https://app.example.com', validitySeconds: 86_400 }),
    CHAINSETTLE_CALLBACK_SECRET: `${'canary-'.repeat(5)}, ${'yranac-'.repeat(5)}`,
    EAS: eas({ schemas, confirmations: 12 }),
    ATTESTATION_DEADLINE_MS: '500',
    ATTESTATION_KEEP_MS: '1000',
  })
  const rpcUrl = ['https://rpc.example.com']
  expect(attestations).toEqual({
    chainsettle: {
      baseUrl: 'https://app.example.com',
      generation: 2,
      registries: [{ chainId: 43114, rpcUrl, docusign: address, confirmations: 1 }],
      issuers: [address],
      levels: { 'kyc-full': 2 },
      validity: 86_400,
    },
    eas: {
      chainId: 43114,
      rpcUrl,
      confirmations: 12,
      eas: address,
      indexer: address,
      attesters: [address],
      schemas: schemas.map((schema) => ({ ...schema, uid: uid.toLowerCase() })),
    },
    callbackKeys: [Buffer.from('canary-'.repeat(5)), Buffer.from('yranac-'.repeat(5))],
    deadline: 500,
    keep: 1_000,
  })
})

test('who attests on a chain that is not configured is a problem, told with all others', () => {
  const registries = [99, 43114, 99, 7].map((chainId) => ({ chainId, docusign: address }))
  expect(problemsOf({ ...good, CHAINSETTLE: chainsettle({ registries }), EAS: eas({ chainId: 8453 }) })).toEqual([
    'CHAINSETTLE names chain 99, which CHAINS lacks',
    'CHAINSETTLE names chain 7, which CHAINS lacks',
    'EAS names chain 8453, which CHAINS lacks',
  ])
})

test('who else sends webhooks', () => {
  const secrets = [good.CROSSMINT_WEBHOOK_SECRET]
  const given = [
    { name: 'billing', scheme: 'standard-webhooks', secrets },
    { name: 'mail', scheme: 'svix', secrets },
    { name: 'persona', scheme: 'hmac', header: 'Persona-Signature', idField: 'id', secrets: ['canary-'.repeat(3)] },
  ]
  const { webhookSources } = readEnvironment({ ...good, WEBHOOK_SOURCES: JSON.stringify(given) })
  expect(webhookSources).toEqual([given[0], given[1], { ...given[2], header: 'persona-signature' }])
})

test('an empty environment: everything that is missing, at once', () => {
  expect(problemsOf({})).toEqual(Object.keys(good).map((name) => `${name} is missing`))
})

test('a variable that is empty counts as missing', () => {
  expect(problemsOf({ ...good, CROSSMINT_API_KEY: '' })).toEqual(['CROSSMINT_API_KEY is missing'])
})

describe('each of these is refused, by name and without its value', () => {
  test.each([
    ['PROVIDER_ENVIRONMENT', 'staging'],
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['PORT', '80.5'],
    ['LOG_LEVEL', 'verbose'],
    ['DATABASE_URL', 'mysql://canary@localhost/x'],
    ['DATABASE_URL', 'canary'],
    ['DATABASE_CONNECTIONS', '1'],
    ['CROSSMINT_URL', 'ftp://canary.example.com'],
    ['CROSSMINT_API_KEY', 'pk_canary'],
    ['CROSSMINT_SIGNER_KEY', '0xcanary'],
    ['CROSSMINT_SIGNER_KEY', `0x${'c'.repeat(63)}`],
    ['CROSSMINT_WEBHOOK_SECRET', 'whsec_canary'],
    ['CROSSMINT_WEBHOOK_SECRET', `${good.CROSSMINT_WEBHOOK_SECRET},`],
    ['CROSSMINT_RATE_LIMIT', 'canary'],
    ['CROSSMINT_TIMEOUT_MS', '0'],
    ['CROSSMINT_ENTRY_POINTS', 'canary'],
    ['CHAINS', '{canary'],
    ['CHAINS', '[]'],
    ['CHAINS', '[{"chainId":0,"rpcUrl":"https://canary.example.com"}]'],
    ['CHAINS', '[{"chainId":1,"rpcUrl":"file:///canary"}]'],
    ['CHAINS', '[{"chainId":1,"rpcUrl":"https://x.example.com","canary":1}]'],
    ['CHAINS', '[{"chainId":1,"rpcUrl":[]}]'],
    ['CHAINS', '[{"chainId":1,"rpcUrl":"https://x","localSigner":{"gas":{"policy":"canary"}}}]'],
    ['CHAINS', '[{"chainId":1,"rpcUrl":"https://x","localSigner":{"gas":{"policy":"eip1559","cap":1,"tip":2}}}]'],
    ['CHAINS', '[{"chainId":1,"rpcUrl":"https://x","localSigner":{"gas":{"policy":"fixed","price":-1}}}]'],
    ['LOCAL_SIGNER_KEYS', 'agent:0xcanary'],
    ['LOCAL_SIGNER_KEYS', `0x${'ca'.repeat(32)}`],
    ['CHAINS', '[{"chainId":1,"rpcUrl":"https://x"},{"chainId":1,"rpcUrl":"https://y"}]'],
    ['CHAINSETTLE', '{canary'],
    ['CHAINSETTLE', '[]'],
    ['CHAINSETTLE', chainsettle({ canary: 1 })],
    ['CHAINSETTLE', chainsettle({ baseUrl: 'ftp://canary.example.com' })],
    ['CHAINSETTLE', chainsettle({ generation: 1 })],
    ['CHAINSETTLE', chainsettle({ registries: [] })],
    ['CHAINSETTLE', chainsettle({ registries: [{ chainId: 43114, docusign: '0xcanary' }] })],
    ['CHAINSETTLE', chainsettle({ registries: [{ chainId: 43114, docusign: address, confirmations: 0 }] })],
    ['CHAINSETTLE', chainsettle({ issuers: [] })],
    ['CHAINSETTLE', chainsettle({ issuers: [address.replace('F', 'f')] })],
    ['CHAINSETTLE', chainsettle({ levels: { canary: 4 } })],
    ['CHAINSETTLE', chainsettle({ validitySeconds: 0 })],
    ['CHAINSETTLE_CALLBACK_SECRET', 'canary'],
    ['CHAINSETTLE_CALLBACK_SECRET', `${'canary-'.repeat(5)},`],
    ['WEBHOOK_SOURCES', '{canary'],
    ['WEBHOOK_SOURCES', sources({ name: 'crossmint' })],
    ['WEBHOOK_SOURCES', sources({ name: 'Canary' })],
    ['WEBHOOK_SOURCES', sources({ scheme: 'canary' })],
    ['WEBHOOK_SOURCES', sources({ canary: 1 })],
    ['WEBHOOK_SOURCES', sources({ secrets: [] })],
    ['WEBHOOK_SOURCES', sources({ secrets: [''] })],
    ['WEBHOOK_SOURCES', sources({ secrets: ['whsec_canary'] })],
    ['WEBHOOK_SOURCES', sources({ scheme: 'hmac', header: 'x-signature', secrets: ['canary'] })],
    ['WEBHOOK_SOURCES', sources({ scheme: 'hmac', header: 'x signature', secrets: ['canary-'.repeat(5)] })],
    ['WEBHOOK_SOURCES', `[${sources().slice(1, -1)},${sources().slice(1, -1)}]`],
    ['EAS', '{canary'],
    ['EAS', eas({ canary: 1 })],
    ['EAS', eas({ attesters: [] })],
    ['EAS', eas({ schemas: [] })],
    ['EAS', eas({ schemas: [{ uid, field: 'string canary' }] })],
    ['EAS', eas({ schemas: [{ uid: '0xcanary', field: 'string verifiedCountry', basis: 'residence' }] })],
    ['ATTESTATION_DEADLINE_MS', '0'],
    ['ATTESTATION_KEEP_MS', 'canary'],
    ['DEADLINE_MS', 'soon'],
    ['WORKERS', 'maybe'],
    ['PUBLIC_URL', 'http://canary.example.com'],
    ['PUBLIC_URL', 'https://api.example.com/canary'],
    ['PUBLIC_URL', 'canary'],
    ['TRUSTED_PROXIES', '-1'],
    ['SESSION_PASSWORDS', 'canary'],
    ['SESSION_PASSWORDS', '1:canary'],
    ['SESSION_PASSWORDS', `0:${'canary-'.repeat(5)}`],
    ['SESSION_PASSWORDS', `1:${'canary-'.repeat(5)},1:${'yranac-'.repeat(5)}`],
    ['SESSION_PASSWORDS', `1:${'canary-'.repeat(5)},`],
    ['SESSION_LIFETIME_MS', '0'],
    ['TOKEN_KEYS', 'canary'],
    ['TOKEN_KEYS', `a:${'canary_'.repeat(6)}`],
    ['TOKEN_KEYS', `a b:${'canary_'.repeat(6)}A`],
    ['AUDIT_KEYS', 'canary'],
    ['AUDIT_KEYS', `a:${'canary_'.repeat(6)}`],
    ['AUDIT_PUBLIC_KEYS', 'canary'],
    ['AUDIT_CHECKPOINTS', 'http://canary.example.com'],
    ['AUDIT_CHECKPOINTS', 's3://canary'],
    ['SEAL_INTERVAL_MS', '0'],
    ['RATE_LIMITS', 'canary'],
    ['OPERATOR_KEY', 'psk_canary'],
  ])('%s=%s', (name, value) => {
    const problems = problemsOf({ ...good, [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name} `))
    expect(problems[0]!.length).toBeGreaterThan(name.length + 8)
    if (name !== 'CHAINS') expect(problems.join()).not.toContain(value)
  })
})

describe("the sandbox's secrets", () => {
  test.each([
    ['CROSSMINT_API_KEY', sandboxSecrets.crossmintApiKey],
    ['CROSSMINT_SIGNER_KEY', sandboxSecrets.signerKey],
    ['CROSSMINT_SIGNER_KEY', `0x${sandboxSecrets.signerKey.slice(2).toUpperCase()}`],
    ['CROSSMINT_SIGNER_KEY', '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'],
    ['CROSSMINT_WEBHOOK_SECRET', `${good.CROSSMINT_WEBHOOK_SECRET},${sandboxSecrets.webhookSecret}`],
    ['SESSION_PASSWORDS', `${good.SESSION_PASSWORDS},2:${sandboxSecrets.sessionPassword}`],
    ['TOKEN_KEYS', `${good.TOKEN_KEYS},old:${sandboxSecrets.tokenSeed}`],
    ['AUDIT_KEYS', `${good.AUDIT_KEYS},old:${sandboxSecrets.auditSeed}`],
    ['CHAINSETTLE_CALLBACK_SECRET', sandboxSecrets.callbackSecret],
    ['WEBHOOK_TARGETS', 'any'],
    ['WEBHOOK_SOURCES', sources({ secrets: [good.CROSSMINT_WEBHOOK_SECRET, sandboxSecrets.webhookSecret] })],
    ['OPERATOR_KEY', sandboxSecrets.operatorKey],
  ])('%s is refused in production, and not in the sandbox', (name, value) => {
    expect(problemsOf({ ...good, [name]: value })).toEqual([expect.stringMatching(`^${name} is the sandbox's`)])
    expect(problemsOf({ ...good, [name]: value, PROVIDER_ENVIRONMENT: 'sandbox' })).toEqual([])
  })
})

describe('a variable given as a file', () => {
  test('is read, without the line break at its end', async () => {
    await using files = await directory()
    const path = await files.write('key', `${good.CROSSMINT_API_KEY}\n`)
    const { CROSSMINT_API_KEY, ...rest } = good
    expect(readEnvironment({ ...rest, CROSSMINT_API_KEY_FILE: path }).crossmint.apiKey).toBe(CROSSMINT_API_KEY)
  })

  test('that is not there, empty, or given twice', async () => {
    await using files = await directory()
    const { CROSSMINT_API_KEY, ...rest } = good
    expect(problemsOf({ ...rest, CROSSMINT_API_KEY_FILE: '/nowhere/key' })).toEqual([
      'CROSSMINT_API_KEY_FILE cannot be read (ENOENT)',
    ])
    expect(problemsOf({ ...rest, CROSSMINT_API_KEY_FILE: await files.write('empty', '\n') })).toEqual([
      'CROSSMINT_API_KEY is missing',
    ])
    expect(
      problemsOf({ ...rest, CROSSMINT_API_KEY, CROSSMINT_API_KEY_FILE: await files.write('key', CROSSMINT_API_KEY) }),
    ).toEqual(['CROSSMINT_API_KEY and CROSSMINT_API_KEY_FILE are both given: keep one'])
  })
})

async function directory() {
  const path = await mkdtemp(join(tmpdir(), 'provider-environment-'))
  return {
    async write(name: string, text: string) {
      await writeFile(join(path, name), text)
      return join(path, name)
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

describe('the process', () => {
  test('refuses to start, lists every problem at once, and echoes no value', async () => {
    const { code, stdout, stderr } = await run('server/main.ts', [], {
      DATABASE_URL: 'mysql://app:pw-canary@localhost/x',
      CROSSMINT_API_KEY: 'canary-key',
      CROSSMINT_SIGNER_KEY: '0xcanary',
      CHAINS_FILE: '/nowhere/chains.json',
      PORT: 'canary',
    })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    for (const name of ['DATABASE_URL', 'CROSSMINT_API_KEY', 'CROSSMINT_SIGNER_KEY', 'CHAINS_FILE', 'PORT'])
      expect(stderr).toMatch(new RegExp(`^ {2}- ${name} `, 'm'))
    expect(stderr).toContain('  - CROSSMINT_WEBHOOK_SECRET is missing')
    expect(stderr).toContain('server/environment.ts')
    expect(stderr).not.toContain('canary')
  })

  test('refuses the secrets of the sandbox in production', async () => {
    const { code, stderr } = await run('server/main.ts', [], {
      ...good,
      CROSSMINT_SIGNER_KEY: sandboxSecrets.signerKey,
    })
    expect(code).toBe(1)
    expect(stderr).toContain('PROVIDER_ENVIRONMENT=sandbox')
    expect(stderr).not.toContain(sandboxSecrets.signerKey)
  })
})
