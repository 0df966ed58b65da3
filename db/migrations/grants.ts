type Privilege = 'select' | 'insert' | 'update' | 'delete'

/** What the application's role may do. What is append-only it can neither change nor delete, whatever the code says. */
export const grants: Record<string, Privilege[]> = {
  app: ['select', 'insert', 'update'],
  app_origin: ['select', 'insert', 'delete'],
  app_user: ['select', 'insert', 'update'],
  challenge: ['select', 'insert', 'delete'],
  session: ['select', 'insert', 'update'],
  approval: ['select', 'insert', 'update'],
  api_key: ['select', 'insert', 'update'],
  asset: ['select', 'insert', 'update'],
  wallet: ['select', 'insert', 'update'],
  paywall: ['select', 'insert', 'update'],
  decision: ['select', 'insert'],
  list_version: ['select', 'insert', 'update'],
  list_entry: ['select', 'insert', 'update'],
  transaction: ['select', 'insert', 'update'],
  payment: ['select', 'insert', 'update'],
  access: ['select', 'insert', 'update'],
  idempotency: ['select', 'insert'],
  webhook_inbox: ['select', 'insert', 'update'],
  event: ['select', 'insert'],
  audit: ['select', 'insert'],
  rate_limit: ['select', 'insert', 'update', 'delete'],
}
