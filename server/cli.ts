import { randomBytes, randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { connect } from '../db/connect.ts'
import { migrate, pendingMigrations } from '../db/migrate.ts'
import { transaction } from '../db/transaction.ts'
import { auditCommands, auditUsage } from './cli/audit-commands.ts'
import { eventCommands, eventUsage } from './cli/event-commands.ts'
import { laneCommands, laneUsage } from './cli/lane-commands.ts'
import { listCommands, listUsage } from './cli/list-commands.ts'
import { reportCommands, reportUsage } from './cli/report-commands.ts'
import { tokenCommands, tokenUsage } from './cli/token-commands.ts'
import { required, UsageError } from './cli/usage-error.ts'
import { webhookCommands, webhookUsage } from './cli/webhook-commands.ts'
import { apiKeyColumns, apiKeyOf } from './domain/api-keys/api-key-of.ts'
import { insertApiKey } from './domain/api-keys/insert-api-key.ts'
import { revokeApiKey } from './domain/api-keys/revoke-api-key.ts'
import { newSecret } from './domain/api-keys/secret.ts'
import { BadEnvironment, readEnvironment } from './environment.ts'

const usage = `provider: the operator's command line

  migrate                      bring the database up to date (DATABASE_OWNER_URL; grants to DATABASE_APPLICATION_ROLE)
  keys create --name NAME      make a key of the platform's operators; it is printed once
  keys list                    the keys of the platform's operators
  keys revoke --id ID          end a key at once
  secrets create               print new secrets, for SESSION_PASSWORDS, TOKEN_KEYS and AUDIT_KEYS
${listUsage}
${laneUsage}
${tokenUsage}
${auditUsage}
${reportUsage}
${eventUsage}
${webhookUsage}
  doctor                       say what is missing or unreachable

Reads DATABASE_URL; migrate reads DATABASE_OWNER_URL, or DATABASE_URL without it.`

const commands: Record<string, (args: string[]) => Promise<number>> = {
  async migrate() {
    const url = process.env.DATABASE_OWNER_URL ?? required('DATABASE_URL')
    const done = await migrate(url, { applicationRole: process.env.DATABASE_APPLICATION_ROLE })
    console.log(done.length > 0 ? `${done.length} migrations done` : 'the database is up to date')
    return 0
  },

  async 'keys create'(args) {
    const { values } = parseArgs({ args, options: { name: { type: 'string' } } })
    const name = values.name?.trim()
    if (!name) throw new UsageError('keys create needs --name, by which the key is recognised later')
    const secret = newSecret()
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    const key = { id: randomUUID(), appId: null, name, secret, createdAt: new Date(), scopes: null, expiresAt: null }
    await transaction(connection.db, (trx) => insertApiKey(trx, commandLine, key))
    console.log(secret)
    console.error('This key may do whatever an operator may. It is stored nowhere: keep it now.')
    return 0
  },

  async 'keys list'() {
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    const rows = await connection.db
      .selectFrom('api_key')
      .select(apiKeyColumns)
      .where('app_id', 'is', null)
      .orderBy('created_at')
      .execute()
    for (const { id, name, prefix, createdAt, lastUsedAt, revokedAt } of rows.map(apiKeyOf)) {
      const used = lastUsedAt ? `used ${lastUsedAt.toISOString()}` : 'never used'
      const ended = revokedAt ? `, revoked ${revokedAt.toISOString()}` : ''
      console.log(`${id}  ${prefix}…  ${name}  made ${createdAt.toISOString()}, ${used}${ended}`)
    }
    return 0
  },

  async 'keys revoke'(args) {
    const { values } = parseArgs({ args, options: { id: { type: 'string' } } })
    if (!values.id || !z.uuid().safeParse(values.id).success)
      throw new UsageError('keys revoke needs --id, see keys list')
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    const services = { db: connection.db, clock: { now: () => new Date() } }
    const { name } = await revokeApiKey(services, commandLine, { keyId: values.id })
    console.log(`${name} is revoked: calls with it are refused from now on`)
    return 0
  },

  async 'secrets create'() {
    console.log(`SESSION_PASSWORDS=1:${randomBytes(32).toString('base64url')}`)
    const today = new Date().toISOString().slice(0, 10)
    for (const name of ['TOKEN_KEYS', 'AUDIT_KEYS'])
      console.log(`${name}=${today}:${randomBytes(32).toString('base64url')}`)
    return 0
  },

  ...listCommands,

  ...laneCommands,

  ...tokenCommands,

  ...auditCommands,

  ...reportCommands,

  ...eventCommands,

  ...webhookCommands,

  async doctor() {
    const problems: string[] = []
    try {
      readEnvironment(process.env)
    } catch (error) {
      if (!(error instanceof BadEnvironment)) throw error
      problems.push(...error.problems)
    }
    if (process.env.DATABASE_URL) {
      await using connection = connect(process.env.DATABASE_URL, { maxConnections: 2 })
      await pendingMigrations(connection.db).then(
        (pending) => pending.length > 0 && problems.push(`${pending.length} migrations are missing: provider migrate`),
        (error) => problems.push(`the database does not answer: ${(error as Error).message}`),
      )
    }
    for (const problem of problems) console.log(`- ${problem}`)
    console.log(problems.length === 0 ? 'nothing is missing' : `${problems.length} problem(s)`)
    return problems.length === 0 ? 0 : 1
  },
}

/** Who makes and ends keys here. Whoever can start this with the database's URL is trusted with it. */
const commandLine = { kind: 'system', name: 'provider' } as const

const args = process.argv.slice(2)
const name = Object.keys(commands).find((command) => command.split(' ').every((word, index) => args[index] === word))
if (!name) {
  console.log(usage)
  process.exit(args.length === 0 || args[0] === 'help' ? 0 : 2)
}
try {
  process.exitCode = await commands[name]!(args.slice(name.split(' ').length))
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : `failed: ${(error as Error).message}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
