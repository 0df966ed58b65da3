/**
 * What is signed here: a lane for each chain and key, whose nonces are given out one after the other; a send for each nonce that was
 * given out; and every transaction that was signed for a send, stored before anybody else sees it. Those of one send have the same
 * nonce, so that a chain takes one of them at most.
 */
export const localSigner = {
  signer_lane: `
    create table if not exists signer_lane (
      chain_id int8 not null,
      address text not null,
      next_nonce int8 not null check (next_nonce >= 0),
      halted_because text,
      halted_at timestamptz,
      created_at timestamptz not null,
      primary key (chain_id, address)
    )`,

  // the id is that of the transaction it serves
  signer_send: `
    create table if not exists signer_send (
      id uuid primary key,
      chain_id int8 not null,
      address text not null,
      nonce int8 not null,
      target text not null,
      value numeric(78, 0) not null,
      data text not null,
      gas int8 not null,
      state text not null check (state in ('open', 'withdrawn', 'mined', 'reverted', 'cancelled', 'taken')),
      transaction_hash text,
      block_number int8,
      failure_reason text,
      failure_message text,
      created_at timestamptz not null,
      settled_at timestamptz,
      constraint signer_send_of_nonce unique (chain_id, address, nonce)
    )`,
  signer_send_open: `
    create index if not exists signer_send_open on signer_send (chain_id, address, nonce) where state in ('open', 'withdrawn')`,

  signer_attempt: `
    create table if not exists signer_attempt (
      send_id uuid not null,
      number int4 not null,
      kind text not null check (kind in ('send', 'cancel')),
      hash text not null unique,
      raw text not null,
      fee_cap numeric(78, 0) not null,
      tip numeric(78, 0) not null,
      signed_at timestamptz not null,
      primary key (send_id, number)
    )`,

  // one in flight for each wallet and chain, where the order of nonces is somebody else's
  transaction_alone_in_flight: `
    create unique index if not exists transaction_alone_in_flight on transaction (wallet_id, chain_id)
      where state in ('submitting', 'submitted') and provider <> 'local'`,
  transaction_in_flight: `drop index if exists transaction_in_flight`,
} as const
