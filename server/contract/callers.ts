/** What a person may be in an app. Everybody who signed in is a `user`; the others are granted, by two people. */
export const roles = ['user', 'merchant', 'officer', 'auditor', 'operator'] as const

export type Role = (typeof roles)[number]

/** The roles that are granted. */
export const grantedRoles = ['merchant', 'officer', 'auditor', 'operator'] as const satisfies readonly Role[]

export type GrantedRole = (typeof grantedRoles)[number]

/**
 * Who a procedure may be for: `anyone`, signed in or not; a person by role; `service`, the API keys of an app; `platform`, the API
 * keys of those who run this service.
 */
export type Caller = 'anyone' | Role | 'service' | 'platform'

/** What an API key or a token may be confined to. Each procedure needs one of them. */
export const scopes = [
  'access:read',
  'account:read',
  'account:write',
  'api_keys:read',
  'api_keys:write',
  'approvals:read',
  'approvals:write',
  'apps:read',
  'apps:write',
  'assets:read',
  'assets:write',
  'audit:read',
  'decisions:read',
  'eerc:read',
  'eerc:write',
  'events:read',
  'holds:read',
  'holds:write',
  'lists:read',
  'lists:write',
  'payments:read',
  'payments:write',
  'paywalls:read',
  'paywalls:write',
  'policies:read',
  'policies:write',
  'purchases:read',
  'purchases:write',
  'reports:read',
  'reports:write',
  'reviews:read',
  'reviews:write',
  'users:read',
  'users:write',
  'wallets:read',
  'wallets:write',
  'webhooks:read',
  'webhooks:write',
] as const

export type Scope = (typeof scopes)[number]

/** What a token may be given: enough to show, quote and buy, and nothing that changes who may do what. */
export const tokenScopes = [
  'access:read',
  'account:read',
  'apps:read',
  'assets:read',
  'events:read',
  'payments:read',
  'payments:write',
  'paywalls:read',
  'wallets:read',
] as const satisfies readonly Scope[]

export type TokenScope = (typeof tokenScopes)[number]
