/** What a transaction is for: an object of another table owns it. */
export const eerc = {
  transaction_purpose: `
    alter table transaction add column if not exists purpose text not null default 'payment'
      check (purpose in ('payment', 'operation'))`,
} as const
