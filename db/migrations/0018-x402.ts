/** What is sold over HTTP 402: each authorization that was taken, and what it bought. */
export const x402 = {
  // whatever app it is shown to, an authorization moves money once: it is one payment's for ever
  x402_payment: `
    create table if not exists x402_payment (
      payment_id uuid primary key,
      app_id uuid not null references app (id),
      paywall_id uuid not null references paywall (id),
      chain_id int8 not null,
      token text not null,
      payer text not null,
      nonce text not null,
      payload_hash bytea not null,
      identifier text,
      created_at timestamptz not null,
      constraint x402_payment_of_authorization unique (chain_id, token, payer, nonce)
    )`,
  x402_payment_of_identifier: `
    create unique index if not exists x402_payment_of_identifier on x402_payment (app_id, payer, identifier)
      where identifier is not null`,

  // a question that was answered is answered by nobody else
  x402_nonce: `
    create table if not exists x402_nonce (
      nonce text primary key,
      expires_at timestamptz not null
    )`,
} as const
