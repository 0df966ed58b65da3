/** Events go to whoever asked to be told: endpoints of apps and of the platform, what each is to get, and every try. */
export const deliveries = {
  // app_id: null for the platform's, which are told of every app; failing_since: of the first failure after the last success
  endpoint: `
    create table if not exists endpoint (
      id uuid primary key,
      app_id uuid references app (id),
      url text not null,
      types text[] not null,
      description text not null,
      state text not null check (state in ('enabled', 'disabled', 'deleted')),
      disabled_because text check (disabled_because in ('asked', 'failing', 'gone')),
      disabled_at timestamptz,
      failing_since timestamptz,
      created_at timestamptz not null,
      version int8 not null,
      audit_head bytea not null,
      check ((state = 'enabled') = (disabled_because is null)),
      check ((state = 'enabled') = (disabled_at is null))
    )`,
  endpoint_of_app: `create index if not exists endpoint_of_app on endpoint (app_id, created_at, id)`,

  // apart from the endpoint, so that what shows one cannot show them; readable, because it is what signs
  endpoint_secret: `
    create table if not exists endpoint_secret (
      endpoint_id uuid not null references endpoint (id),
      number int4 not null,
      secret text not null,
      created_at timestamptz not null,
      expires_at timestamptz,
      primary key (endpoint_id, number)
    )`,

  // how far in the feed of an app an endpoint has been told
  endpoint_cursor: `
    create table if not exists endpoint_cursor (
      endpoint_id uuid not null references endpoint (id),
      app_id uuid not null,
      position int8 not null,
      primary key (endpoint_id, app_id)
    )`,

  // attempts: tries that ended; spent: those since it was asked for last
  delivery: `
    create table if not exists delivery (
      id uuid primary key,
      endpoint_id uuid not null references endpoint (id),
      app_id uuid not null,
      object_id uuid not null,
      sequence int8 not null,
      type text not null,
      state text not null check (state in ('waiting', 'delivered', 'failed')),
      attempts int4 not null,
      spent int4 not null,
      next_attempt_at timestamptz,
      status int4,
      failure text,
      created_at timestamptz not null,
      ended_at timestamptz,
      unique (endpoint_id, object_id, sequence),
      check ((state = 'waiting') = (next_attempt_at is not null)),
      check ((state = 'waiting') = (ended_at is null))
    )`,
  delivery_due: `
    create index if not exists delivery_due on delivery (endpoint_id, next_attempt_at) where next_attempt_at is not null`,
  delivery_of_endpoint: `create index if not exists delivery_of_endpoint on delivery (endpoint_id, created_at, id)`,
  delivery_failed: `
    create index if not exists delivery_failed on delivery (endpoint_id, created_at, id) where state = 'failed'`,
  delivery_ended: `
    create index if not exists delivery_ended on delivery (endpoint_id, ended_at) where ended_at is not null`,

  delivery_attempt: `
    create table if not exists delivery_attempt (
      delivery_id uuid not null,
      number int4 not null,
      url text not null,
      started_at timestamptz not null,
      milliseconds int4 not null,
      status int4,
      failure text,
      response text,
      primary key (delivery_id, number)
    )`,

  delivery_of_object: `create index if not exists delivery_of_object on delivery (object_id, sequence)`,
} as const
