import { readFileSync } from 'node:fs'
import type { Address, Hex } from 'viem'
import * as z from 'zod'
import {
  chainsettleOptions,
  chainsettleSetting,
  chainsWithoutNode,
  easOptions,
  easSetting,
} from './attestation-settings.ts'
import type { TokenKey } from './auth/tokens.ts'
import { type ChainSetting, chainsSetting } from './chain-settings.ts'
import { type AuditKey, auditKey, type PublicKeys, publicKeyFromText, publicKeysOf } from './domain/audit/keys.ts'
import type { RetentionPeriods } from './domain/retention/classes.ts'
import type { ChainOptions } from './gateways/chain/chain.ts'
import type { ChainsettleOptions } from './gateways/chainsettle/create-chainsettle.ts'
import { canonicalEntryPoints } from './gateways/crossmint/verify-transaction.ts'
import type { EasOptions } from './gateways/eas/create-eas.ts'
import type { Targets } from './gateways/outbound/refuse-target.ts'
import { readWebhookSecret } from './gateways/webhooks/standard-webhooks.ts'
import { isSandboxSecret } from './sandbox-secrets.ts'
import type { Patience } from './services.ts'
import { type WebhookSource, webhookSourcesSetting } from './webhook-sources-setting.ts'

/** The settings of the service, read once at the start. */
export interface Environment {
  host: string
  port: number
  logLevel: string
  databaseUrl: string
  databaseConnections: number
  crossmint: {
    baseUrl: string
    apiKey: string
    signerKey: string
    rateLimit: { writes: number; reads: number } | 'unlimited'
    timeout: number
    entryPoints: typeof canonicalEntryPoints | 'unverified'
  }
  /** Keys that Crossmint may sign its webhooks with. */
  webhookKeys: Buffer[]
  /** Who else may send webhooks. */
  webhookSources: WebhookSource[]
  chains: (ChainOptions & ChainSetting)[]
  /** Whether a start is refused when a registered token is no longer what it was registered as. */
  otherTokens: 'refuse' | 'warn'
  /** Private keys that sign on chains with a local signer, by name. */
  localSignerKeys: Record<string, Hex>
  /** Who brings to the chain what is paid over HTTP 402: the name of one of those keys; null sells nothing so. */
  x402: { signer: string | null; identifier: 'optional' | 'required' }
  attestations: {
    /** Null: it is not asked. */
    chainsettle: ChainsettleOptions | null
    eas: EasOptions | null
    /** Callbacks are signed with one of these; none takes unsigned ones. */
    callbackKeys: Buffer[]
    /** Milliseconds that a decision waits for an answer, and that an answer is believed. */
    deadline: number
    keep: number
  }
  patience: Patience
  /** Where webhooks to endpoints may go. */
  webhookTargets: Targets
  buying: {
    /** Where paid APIs may be. */
    targets: Targets
    /** Milliseconds that one has to answer. */
    timeout: number
    /** Pays APIs by its signature; null: none is bought directly. */
    key: Hex | null
    /** Null: none is bought through it. */
    httpayer: { url: string; apiKey: string } | null
  }
  /** Milliseconds between two looks for new blocks. */
  blockInterval: number
  /** Whether this process works on transactions and webhooks, or only answers calls. */
  workers: boolean
  /** Whether it takes its turn at sealing the audit trail. */
  seals: boolean
  audit: {
    /** Signs checkpoints. */
    key: AuditKey
    /** What checkpoints may be signed with. */
    publicKeys: PublicKeys
    /** Milliseconds between two looks for leaves to seal. */
    interval: number
    /** A file's path or a URL that takes checkpoints; null is neither. */
    checkpoints: string | null
  }
  /** When the clock does what, as cron has it, in UTC; null is never. */
  schedules: { reports: string | null; retention: string | null }
  /** Days that are kept what is deleted by its age, see docs/retention.md. */
  retention: RetentionPeriods
  /** Where browsers and tokens find this service: scheme, host and port. */
  publicOrigin: string
  /** How many proxies stand before this service and add to `X-Forwarded-For`. */
  proxies: number
  sessions: {
    /** By number: the highest seals, all open. */
    passwords: Record<string, string>
    /** Milliseconds that a session lasts at most, and without use. */
    lifetime: number
    idle: number
  }
  /** The first signs. */
  tokenKeys: TokenKey[]
  /** How often one caller may call. */
  rateLimits: 'on' | 'off'
  /** Secret of the first operator's key, to be made where there is none. */
  operatorKey: string | null
}

const milliseconds = (byDefault: number) => z.coerce.number().int().min(1).default(byDefault)

/** Days that are kept what is deleted by its age, without a setting. */
export const defaultRetention: RetentionPeriods = {
  webhooks: 90,
  deliveries: 30,
  sessions: 180,
  reports: 2_555,
  answers: 90,
}

const days = (byDefault: number) => z.coerce.number().int().min(1).max(36_500).default(byDefault)

/** Five fields of cron, or `off`, which comes out as null. */
const schedule = (byDefault: string) =>
  z
    .string()
    .regex(/^(off|([\d*/,-]+ ){4}[\d*/,-]+)$/, 'is five fields of cron, such as 0 3 1 * *, or "off"')
    .default(byDefault)
    .transform((text) => (text === 'off' ? null : text))

const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text, problem) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        problem.addIssue({ code: 'custom', message: 'is not JSON' })
        return z.NEVER
      }
    })
    .pipe(schema as z.ZodType<z.output<Schema>, unknown>)

const rateLimit = z.union([
  z.literal('unlimited'),
  z
    .string()
    .regex(/^\d+\/\d+$/, 'is "unlimited" or writes/reads a minute, such as 120/360')
    .transform((text) => {
      const [writes, reads] = text.split('/').map(Number) as [number, number]
      return { writes, reads }
    }),
])

/** A list such as `1:secret,2:secret`, by the names before the colons. */
const named = (name: RegExp, value: RegExp, form: string) =>
  z.string().transform((text, problem): [name: string, value: string][] => {
    const entries = text.split(',').map((entry) => entry.trim())
    const parts = entries.map((entry): [string, string] => {
      const colon = entry.indexOf(':')
      return [entry.slice(0, colon), entry.slice(colon + 1)]
    })
    if (parts.every(([key, secret]) => name.test(key) && value.test(secret))) {
      if (new Set(parts.map(([key]) => key)).size === parts.length) return parts
      problem.addIssue({ code: 'custom', message: 'names one twice' })
    } else problem.addIssue({ code: 'custom', message: form })
    return z.NEVER
  })

/** Whether nobody on the way can read or change what is sent there. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  const loopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  return protocol === 'https:' || (protocol === 'http:' && loopback)
}

/** Every variable, its form and what it is for. `X` may be given as `X_FILE`, the path of a file that holds it. */
const variables = z.object({
  /** `production` refuses the sandbox's well-known secrets. */
  PROVIDER_ENVIRONMENT: z.enum(['production', 'sandbox']).default('production'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** PostgreSQL or CockroachDB, as the application's role. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'is a postgres:// URL' }),
  DATABASE_CONNECTIONS: z.coerce.number().int().min(2).max(500).default(20),
  CROSSMINT_URL: z.url({ protocol: /^https?$/ }).default('https://staging.crossmint.com/api'),
  CROSSMINT_API_KEY: z.string().regex(/^sk_/, 'is a server key of Crossmint: sk_staging_… or sk_production_…'),
  /** Private key of the admin signer of every custodial wallet. */
  CROSSMINT_SIGNER_KEY: z.string().regex(/^0x[0-9a-f]{64}$/i, 'is a private key: 0x and 64 hex digits'),
  /** From Crossmint's console; two, separated by a comma, while it is being changed. */
  CROSSMINT_WEBHOOK_SECRET: z.string().transform((text, problem) => {
    try {
      return text.split(',').map((secret) => ({ secret: secret.trim(), key: readWebhookSecret(secret.trim()) }))
    } catch {
      problem.addIssue({ code: 'custom', message: 'is whsec_ and base64, as the console shows it' })
      return z.NEVER
    }
  }),
  /**
   * Who else may send webhooks, to `/webhooks/NAME`: they are stored and kept to be read (docs/webhooks.md). Several secrets while one is
   * being changed. JSON: `[{"name":"billing","scheme":"standard-webhooks","secrets":["whsec_…"]},{"name":"mail","scheme":"svix","secrets":
   * ["whsec_…"]},{"name":"persona","scheme":"hmac","header":"persona-signature","idField":"id","secrets":["…"]}]`.
   */
  WEBHOOK_SOURCES: json(webhookSourcesSetting).optional(),
  /** Requests a minute that Crossmint allows this process. */
  CROSSMINT_RATE_LIMIT: rateLimit.default({ writes: 120, reads: 360 }),
  CROSSMINT_TIMEOUT_MS: milliseconds(10_000),
  /** `unverified` signs operations whose hash cannot be recomputed; the calls are compared either way. */
  CROSSMINT_ENTRY_POINTS: z.enum(['canonical', 'unverified']).default('canonical'),
  /**
   * Every chain, by configuration alone; see `chain-settings.ts`.
   * JSON: `[{"chainId":43113,"rpcUrl":"https://…","crossmint":"avalanche-fuji"},{"chainId":99372,"rpcUrl":["https://…","https://…"],
   * "confirmations":1,"finality":32,"txAllowList":true,"crossmintSenders":["0x…"],"localSigner":{"gas":{"policy":"eip1559","cap":"100000000000"}}}]`.
   */
  CHAINS: json(chainsSetting),
  /** When a registered token is no longer what it was registered as: `refuse` does not start, `warn` says so and starts. See docs/eerc.md. */
  OTHER_TOKENS: z.enum(['refuse', 'warn']).default('refuse'),
  /** What signs on chains with a local signer, such as `agent:0x…,treasury:0x…`: a name and a private key each. Used by nobody else. */
  LOCAL_SIGNER_KEYS: named(
    /^[\w.-]{1,40}$/,
    /^0x[0-9a-f]{64}$/i,
    'is NAME:0x and 64 hex digits, or a list of such',
  ).optional(),
  /**
   * The key of LOCAL_SIGNER_KEYS that brings to the chain what is paid over HTTP 402, by its name: one of its own, which holds gas and nothing
   * else. Without it nothing is sold so. See docs/how-to/sell-over-x402.md.
   */
  X402_SIGNER: z.string().min(1).optional(),
  /** Whether a buyer over HTTP 402 must say what they call a payment (the extension `payment-identifier`). */
  X402_IDENTIFIER: z.enum(['optional', 'required']).default('optional'),
  /**
   * Who attests to identities, read from the registries of settlements; see `attestation-settings.ts`. Its chains are some of CHAINS.
   * JSON: `{"baseUrl":"https://…","registries":[{"chainId":84532,"docusign":"0x…"}],"issuers":["0x…"],"levels":{"kyc-full":2}}`.
   */
  CHAINSETTLE: json(chainsettleSetting).optional(),
  /**
   * What a relay signs its callbacks to `/webhooks/chainsettle` with; two, separated by a comma, while it is being changed. Without it
   * unsigned ones are taken too: they cost a look at the chain each, and no more than that comes of them.
   */
  CHAINSETTLE_CALLBACK_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.every((secret) => secret.length >= 32),
      'has 32 characters or more, or is a list of such',
    )
    .optional(),
  /**
   * The same of the Ethereum Attestation Service. JSON: `{"chainId":8453,"eas":"0x…","indexer":"0x…","attesters":["0x…"],"schemas":[
   * {"uid":"0x…","field":"bool verifiedAccount","kind":"kyc","level":2},{"uid":"0x…","field":"string verifiedCountry","basis":"residence"}]}`.
   */
  EAS: json(easSetting).optional(),
  /** How long a decision waits for whoever attests; then they count as not having answered. */
  ATTESTATION_DEADLINE_MS: milliseconds(3_000),
  /** How long an answer of theirs is believed without asking again. */
  ATTESTATION_KEEP_MS: milliseconds(60_000),
  /** From hand-over to the provider until an unknown outcome needs a person's attention. */
  DEADLINE_MS: milliseconds(10 * 60_000),
  /** How long a payer may take to ask for the calls that they sign in a wallet of their own, and again to sign them. */
  SIGNING_MS: milliseconds(15 * 60_000),
  /** How long a provider's "it did not land" is checked against the chain before it is believed. */
  DISBELIEF_MS: milliseconds(60_000),
  /** The first and the longest wait between two looks at a transaction in flight. */
  LOOK_FIRST_MS: milliseconds(1_000),
  LOOK_LONGEST_MS: milliseconds(30_000),
  /** How long a crashed worker's claim on a row holds. */
  LEASE_MS: milliseconds(20_000),
  /** How soon the end of a session, key or role ends an open stream of events. */
  STREAM_CHECK_MS: milliseconds(10_000),
  /** How long whoever reads a stream may read nothing of it, while there is something, before it is closed. */
  STREAM_STALL_MS: milliseconds(30_000),
  BLOCK_INTERVAL_MS: milliseconds(500),
  /** Where webhooks to endpoints may go: `public` is https and public addresses; `any` is for sandboxes, and refused in production. */
  WEBHOOK_TARGETS: z.enum(['public', 'any']).default('public'),
  /** How long an endpoint has to answer. */
  WEBHOOK_TIMEOUT_MS: milliseconds(15_000),
  /** Seconds between two tries of a delivery, in a list; by default eleven tries within three days. */
  WEBHOOK_WAITS: z
    .string()
    .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?)*$/, 'is a list of seconds, such as 5,30,300')
    .default('5,30,300,1800,7200,18000,36000,50400,64800,79200')
    .transform((text) => text.split(',').map((seconds) => Number(seconds) * 1000)),
  /** Pays other people's APIs by its signature (x402): holds what they are paid with, and needs no coin for gas. Used by nobody else. */
  BUYER_KEY: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/i, 'is a private key: 0x and 64 hex digits')
    .optional(),
  HTTPAYER_URL: z.url({ protocol: /^https?$/ }).default('https://api.httpayer.com'),
  /** Pays other people's APIs from our credits there. */
  HTTPAYER_API_KEY: z.string().min(8).optional(),
  /** Where paid APIs may be: as WEBHOOK_TARGETS. */
  PURCHASE_TARGETS: z.enum(['public', 'any']).default('public'),
  /** How long a paid API has to answer; HTTPayer waits for 120 seconds at most. */
  PURCHASE_TIMEOUT_MS: z.coerce.number().int().min(1).max(120_000).default(30_000),
  /** Where browsers find this service, such as `https://api.example.com`: the issuer of tokens. Plain http for loopback only. */
  PUBLIC_URL: z.url().transform((text, problem) => {
    const { pathname, origin } = new URL(text)
    if (pathname === '/' && isSafeUrl(text)) return origin
    problem.addIssue({ code: 'custom', message: 'is https://HOST, without a path; http for localhost only' })
    return z.NEVER
  }),
  /** Proxies before this service that add to `X-Forwarded-For`: callers who are nobody are counted by what the outermost one saw. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /**
   * What session cookies are sealed with, such as `1:SECRET`, of 32 characters or more. To change it, deploy `1:OLD,2:NEW`: the
   * highest number seals, all open. Drop the old one when no session is older. `provider secrets create` makes one.
   */
  SESSION_PASSWORDS: named(
    /^[1-9]\d{0,8}$/,
    /^[^,\s]{32,200}$/,
    'is 1:SECRET with 32 characters or more, or a list of such',
  ),
  /** How long a session lasts, and how long one that nobody uses. */
  SESSION_LIFETIME_MS: milliseconds(7 * 86_400_000),
  SESSION_IDLE_MS: milliseconds(12 * 3_600_000),
  /**
   * What tokens are signed with, such as `2026-11:SEED`: an Ed25519 seed of 32 bytes in base64url. The first signs, all are
   * believed and published. To change it, put the new one last, then first, then drop the old one ten minutes later.
   */
  TOKEN_KEYS: named(
    /^[\w.-]{1,40}$/,
    /^[A-Za-z0-9_-]{43}$/,
    'is NAME:SEED with 32 bytes in base64url, or a list of such',
  ),
  /**
   * What checkpoints of the audit log are signed with, such as `2026-11:SEED`, as TOKEN_KEYS. The first signs. Once it is no longer
   * first, its public half is enough: move it to AUDIT_PUBLIC_KEYS and destroy the seed.
   */
  AUDIT_KEYS: named(
    /^[\w.-]{1,40}$/,
    /^[A-Za-z0-9_-]{43}$/,
    'is NAME:SEED with 32 bytes in base64url, or a list of such',
  ),
  /** Keys that checkpoints were signed with before, such as `2025-11:KEY`, as `provider audit keys` prints them. */
  AUDIT_PUBLIC_KEYS: named(
    /^[\w.-]{1,40}$/,
    /^[A-Za-z0-9_-]{43}$/,
    'is NAME:KEY with 32 bytes in base64url, or a list of such',
  ).optional(),
  /**
   * Where checkpoints go beside the database, out of reach of whoever could rewrite it: the path of a file that is appended to (one
   * that all instances share), or a URL that takes each by POST.
   */
  AUDIT_CHECKPOINTS: z
    .string()
    .refine(
      (text) => !/^\w+:\/\//.test(text) || isSafeUrl(text),
      'is a path, or an https:// URL; http for localhost only',
    )
    .optional(),
  SEAL_INTERVAL_MS: milliseconds(3_000),
  /** When each app's report of the month before is made: as cron has it, in UTC, or `off`. See docs/reports.md. */
  REPORT_SCHEDULE: schedule('0 3 1 * *'),
  /** When is deleted what was kept for its time: the same. See docs/retention.md. */
  RETENTION_SCHEDULE: schedule('30 2 * * *'),
  /** Days that bodies of webhooks are kept from when they were processed, sessions from their end, files of reports once made. */
  RETAIN_WEBHOOKS_DAYS: days(defaultRetention.webhooks),
  /** Days that deliveries to endpoints and their tries are kept from their end. */
  RETAIN_DELIVERIES_DAYS: days(defaultRetention.deliveries),
  RETAIN_SESSIONS_DAYS: days(defaultRetention.sessions),
  RETAIN_REPORTS_DAYS: days(defaultRetention.reports),
  /** Days that are kept what paid APIs answered, from when they did. */
  RETAIN_ANSWERS_DAYS: days(defaultRetention.answers),
  /** `off` for load tests: whoever calls may call as often as they like. */
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  /** Becomes the first key of the platform's operators where there is none: psk_ and 43 characters of base64url. */
  OPERATOR_KEY: z
    .string()
    .regex(/^psk_[A-Za-z0-9_-]{43}$/, 'is psk_ and 43 characters of base64url')
    .optional(),
  /** `off`: this process only answers calls, and others do the work. `sealer`: of the work it only seals the audit trail. */
  WORKERS: z.enum(['on', 'off', 'sealer']).default('on'),
})

type Variables = z.output<typeof variables>

/** The environment cannot be used; `problems` names everything that is wrong with it. */
export class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment'
  readonly problems: string[]

  constructor(problems: string[]) {
    super(
      `The environment has ${problems.length} problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/**
 * Reads the settings.
 *
 * @throws BadEnvironment with every problem at once; no value of a variable is part of it
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const { given, unreadable, problems } = withFiles(env)
  const parsed = variables.safeParse(given)
  if (!parsed.success) {
    for (const { path, code, message } of parsed.error.issues) {
      const name = String(path[0])
      if (unreadable.has(name)) continue
      const missing = given[name] === undefined
      const where = path.length > 1 ? ` (${path.slice(1).join('.')})` : ''
      problems.push(missing ? `${name} is missing` : `${name}${where} ${code === 'custom' ? message : lower(message)}`)
    }
  } else {
    const { PROVIDER_ENVIRONMENT, CHAINS, CHAINSETTLE, EAS, LOCAL_SIGNER_KEYS } = parsed.data
    const registries = CHAINSETTLE?.registries.map(({ chainId }) => chainId) ?? []
    problems.push(
      ...chainsWithoutNode('CHAINSETTLE', registries, CHAINS),
      ...chainsWithoutNode('EAS', EAS ? [EAS.chainId] : [], CHAINS),
      ...(LOCAL_SIGNER_KEYS ? [] : CHAINS.filter(({ localSigner }) => localSigner).map(keyless)),
      ...(isKeyless(parsed.data) ? ['X402_SIGNER is the name of none of LOCAL_SIGNER_KEYS'] : []),
      ...(PROVIDER_ENVIRONMENT === 'production' ? forSandboxesIn(parsed.data) : []),
    )
  }
  if (problems.length > 0 || !parsed.success) throw new BadEnvironment(problems)
  return environmentOf(parsed.data)
}

function environmentOf(v: Variables): Environment {
  const entryPoints = canonicalEntryPoints.map(({ address }): Address => address)
  return {
    host: v.HOST,
    port: v.PORT,
    logLevel: v.LOG_LEVEL,
    databaseUrl: v.DATABASE_URL,
    databaseConnections: v.DATABASE_CONNECTIONS,
    crossmint: {
      baseUrl: v.CROSSMINT_URL,
      apiKey: v.CROSSMINT_API_KEY,
      signerKey: v.CROSSMINT_SIGNER_KEY,
      rateLimit: v.CROSSMINT_RATE_LIMIT,
      timeout: v.CROSSMINT_TIMEOUT_MS,
      entryPoints: v.CROSSMINT_ENTRY_POINTS === 'canonical' ? canonicalEntryPoints : 'unverified',
    },
    webhookKeys: v.CROSSMINT_WEBHOOK_SECRET.map(({ key }) => key),
    webhookSources: v.WEBHOOK_SOURCES ?? [],
    chains: v.CHAINS.map((chain) => ({ ...chain, entryPoints })),
    otherTokens: v.OTHER_TOKENS,
    localSignerKeys: Object.fromEntries((v.LOCAL_SIGNER_KEYS ?? []).map(([name, key]) => [name, key as Hex])),
    x402: { signer: v.X402_SIGNER ?? null, identifier: v.X402_IDENTIFIER },
    attestations: {
      chainsettle: v.CHAINSETTLE ? chainsettleOptions(v.CHAINSETTLE, v.CHAINS) : null,
      eas: v.EAS ? easOptions(v.EAS, v.CHAINS) : null,
      callbackKeys: (v.CHAINSETTLE_CALLBACK_SECRET ?? []).map((secret) => Buffer.from(secret)),
      deadline: v.ATTESTATION_DEADLINE_MS,
      keep: v.ATTESTATION_KEEP_MS,
    },
    patience: {
      deadline: v.DEADLINE_MS,
      signing: v.SIGNING_MS,
      disbelief: v.DISBELIEF_MS,
      look: { first: v.LOOK_FIRST_MS, longest: v.LOOK_LONGEST_MS },
      lease: v.LEASE_MS,
      streamCheck: v.STREAM_CHECK_MS,
      streamStall: v.STREAM_STALL_MS,
      // it asks and pays, and an intermediary and the chain have their own times beside
      purchase: 2 * v.PURCHASE_TIMEOUT_MS + v.LEASE_MS,
      webhooks: { timeout: v.WEBHOOK_TIMEOUT_MS, waits: v.WEBHOOK_WAITS },
    },
    webhookTargets: v.WEBHOOK_TARGETS,
    buying: {
      targets: v.PURCHASE_TARGETS,
      timeout: v.PURCHASE_TIMEOUT_MS,
      key: (v.BUYER_KEY ?? null) as Hex | null,
      httpayer: v.HTTPAYER_API_KEY ? { url: v.HTTPAYER_URL, apiKey: v.HTTPAYER_API_KEY } : null,
    },
    blockInterval: v.BLOCK_INTERVAL_MS,
    workers: v.WORKERS === 'on',
    seals: v.WORKERS !== 'off',
    audit: {
      ...auditKeysOf(v),
      interval: v.SEAL_INTERVAL_MS,
      checkpoints: v.AUDIT_CHECKPOINTS ?? null,
    },
    schedules: { reports: v.REPORT_SCHEDULE, retention: v.RETENTION_SCHEDULE },
    retention: {
      webhooks: v.RETAIN_WEBHOOKS_DAYS,
      deliveries: v.RETAIN_DELIVERIES_DAYS,
      sessions: v.RETAIN_SESSIONS_DAYS,
      reports: v.RETAIN_REPORTS_DAYS,
      answers: v.RETAIN_ANSWERS_DAYS,
    },
    publicOrigin: v.PUBLIC_URL,
    proxies: v.TRUSTED_PROXIES,
    sessions: {
      passwords: Object.fromEntries(v.SESSION_PASSWORDS),
      lifetime: v.SESSION_LIFETIME_MS,
      idle: v.SESSION_IDLE_MS,
    },
    tokenKeys: v.TOKEN_KEYS.map(([kid, seed]) => ({ kid, seed: Buffer.from(seed, 'base64url') })),
    rateLimits: v.RATE_LIMITS,
    operatorKey: v.OPERATOR_KEY ?? null,
  }
}

const auditVariables = variables.pick({ AUDIT_KEYS: true, AUDIT_PUBLIC_KEYS: true })

/**
 * The keys of the audit log alone, for commands that need no other setting; null without AUDIT_KEYS.
 *
 * @throws BadEnvironment
 */
export function readAuditKeys(
  env: Readonly<Record<string, string | undefined>>,
): Pick<Environment['audit'], 'key' | 'publicKeys'> | null {
  const { given, problems } = withFiles(env, Object.keys(auditVariables.shape))
  if (problems.length === 0 && given.AUDIT_KEYS === undefined) return null
  const parsed = auditVariables.safeParse(given)
  if (!parsed.success) problems.push(...parsed.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`))
  if (problems.length > 0 || !parsed.success) throw new BadEnvironment(problems)
  return auditKeysOf(parsed.data)
}

function auditKeysOf(v: z.output<typeof auditVariables>): Pick<Environment['audit'], 'key' | 'publicKeys'> {
  const keys = v.AUDIT_KEYS.map(([id, seed]) => auditKey(id, Buffer.from(seed, 'base64url')))
  const earlier = (v.AUDIT_PUBLIC_KEYS ?? []).map(([id, text]) => [id, publicKeyFromText(text)] as const)
  return { key: keys[0]!, publicKeys: new Map([...earlier, ...publicKeysOf(keys)]) }
}

/** Reads what is given as a file, and takes an empty variable or file for a missing one. */
function withFiles(env: Readonly<Record<string, string | undefined>>, names = Object.keys(variables.shape)) {
  const given: Record<string, string | undefined> = {}
  const unreadable = new Set<string>()
  const problems: string[] = []
  for (const name of names) {
    const path = env[`${name}_FILE`]
    if (path && env[name]) problems.push(`${name} and ${name}_FILE are both given: keep one`)
    if (path)
      try {
        given[name] = readFileSync(path, 'utf8').trim() || undefined
      } catch (error) {
        unreadable.add(name)
        problems.push(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`)
      }
    else if (env[name]) given[name] = env[name]
  }
  return { given, unreadable, problems }
}

function forSandboxesIn(v: Variables): string[] {
  const secrets = {
    CROSSMINT_API_KEY: [v.CROSSMINT_API_KEY],
    CROSSMINT_SIGNER_KEY: [v.CROSSMINT_SIGNER_KEY],
    CROSSMINT_WEBHOOK_SECRET: v.CROSSMINT_WEBHOOK_SECRET.map(({ secret }) => secret),
    WEBHOOK_SOURCES: (v.WEBHOOK_SOURCES ?? []).flatMap((source) => source.secrets),
    SESSION_PASSWORDS: v.SESSION_PASSWORDS.map(([, secret]) => secret),
    TOKEN_KEYS: v.TOKEN_KEYS.map(([, seed]) => seed),
    AUDIT_KEYS: v.AUDIT_KEYS.map(([, seed]) => seed),
    CHAINSETTLE_CALLBACK_SECRET: v.CHAINSETTLE_CALLBACK_SECRET ?? [],
    LOCAL_SIGNER_KEYS: (v.LOCAL_SIGNER_KEYS ?? []).map(([, key]) => key),
    BUYER_KEY: v.BUYER_KEY ? [v.BUYER_KEY] : [],
    HTTPAYER_API_KEY: v.HTTPAYER_API_KEY ? [v.HTTPAYER_API_KEY] : [],
    OPERATOR_KEY: v.OPERATOR_KEY ? [v.OPERATOR_KEY] : [],
  }
  return [
    ...Object.entries(secrets)
      .filter(([, values]) => values.some(isSandboxSecret))
      .map(
        ([name]) => `${name} is the sandbox's, which everybody knows: set your own, or PROVIDER_ENVIRONMENT=sandbox`,
      ),
    ...Object.entries({ WEBHOOK_TARGETS: v.WEBHOOK_TARGETS, PURCHASE_TARGETS: v.PURCHASE_TARGETS })
      .filter(([, targets]) => targets === 'any')
      .map(
        ([name]) =>
          `${name} is the sandbox's: "any" lets apps reach this network. Leave it out, or PROVIDER_ENVIRONMENT=sandbox`,
      ),
  ]
}

const isKeyless = ({ X402_SIGNER, LOCAL_SIGNER_KEYS = [] }: Variables) =>
  X402_SIGNER !== undefined && LOCAL_SIGNER_KEYS.every(([name]) => name !== X402_SIGNER)

const keyless = ({ chainId }: ChainSetting) =>
  `CHAINS has a local signer on chain ${chainId}, which needs LOCAL_SIGNER_KEYS`

const lower = (message: string) => message.charAt(0).toLowerCase() + message.slice(1)
