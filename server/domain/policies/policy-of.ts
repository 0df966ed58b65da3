import type { PolicyRow } from '../../../db/schema.ts'
import type { Policy, Rule } from '../../contract/policies.ts'

export const policyColumns = ['id', 'number', 'state', 'rules', 'created_at', 'published_at'] as const

export const policyOf = (row: Pick<PolicyRow, (typeof policyColumns)[number]>): Policy => ({
  id: row.id,
  version: row.number,
  state: row.state,
  rules: readRules(row.rules),
  createdAt: row.created_at,
  publishedAt: row.published_at,
})

/** Rules as a row keeps them: amounts in decimal. */
export const writeRules = (rules: readonly Rule[]): string =>
  JSON.stringify(rules, (_, value) => (typeof value === 'bigint' ? String(value) : value))

/** The fields of rules that are amounts. */
const amounts = new Set(['above', 'sum'])

/** Rules as a row keeps them, read. */
export const readRules = (stored: readonly Record<string, unknown>[]): Rule[] =>
  // they were checked when they were stored, and never change
  stored.map((rule) => Object.fromEntries(Object.entries(rule).map(readField)) as unknown as Rule)

const readField = ([name, value]: [string, unknown]): [string, unknown] => [
  name,
  amounts.has(name) && typeof value === 'string' ? BigInt(value) : value,
]
