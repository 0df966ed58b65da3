import type { Caller } from '../server/contract/callers.ts'

/** What the documents call whoever calls. */
export const titles: Record<Caller, string> = {
  anyone: 'anyone',
  user: 'user',
  merchant: 'merchant',
  officer: 'officer',
  auditor: 'auditor',
  operator: 'operator',
  service: 'app key',
  platform: 'platform key',
}
