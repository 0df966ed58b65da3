/**
 * What takes two people, held by the database as well: whatever the code does, nothing that needs an approval goes on without one that
 * somebody else gave to this very operation.
 */
export const twoPeople = {
  // who asked, for what, and what was decided are for good
  keep_approval: `
    create or replace function keep_approval() returns trigger language plpgsql as $$
    begin
      if (new).id <> (old).id or (new).app_id <> (old).app_id or (new).action <> (old).action
        or (new).requested_by <> (old).requested_by or (new).expires_at > (old).expires_at then
        raise exception 'approval keeps what was asked for, and by whom' using errcode = '23001';
      end if;
      if (old).state <> 'requested'
        and ((new).state <> (old).state or (new).decided_by is distinct from (old).decided_by) then
        raise exception 'approval keeps what was decided, and by whom' using errcode = '23001';
      end if;
      return new;
    end $$`,
  approval_kept: [
    'drop trigger if exists approval_kept on approval',
    'create trigger approval_kept before update on approval for each row execute function keep_approval()',
  ],

  // from the moment in which it may be submitted on
  operation_takes_two: `
    create or replace function operation_takes_two() returns trigger language plpgsql as $$
    begin
      if (new).approval_id is null or (new).state not in ('accepted', 'submitted', 'settled') then
        return new;
      end if;
      if exists (
        select 1 from approval where approval.id = (new).approval_id and approval.app_id = (new).app_id
          and approval.state = 'approved' and approval.decided_by <> approval.requested_by
          and approval.action->>'operationId' = (new).id::text
      ) then
        return new;
      end if;
      raise exception 'eerc_operation needs the approval of a second person' using errcode = '23514';
    end $$`,
  eerc_operation_takes_two: [
    'drop trigger if exists eerc_operation_takes_two on eerc_operation',
    `create trigger eerc_operation_takes_two before insert or update on eerc_operation
      for each row execute function operation_takes_two()`,
  ],

  // what was approved is what is done
  keep_operation: `
    create or replace function keep_operation() returns trigger language plpgsql as $$
    begin
      if (new).id <> (old).id or (new).app_id <> (old).app_id or (new).token_id <> (old).token_id
        or (new).wallet_id <> (old).wallet_id or (new).type <> (old).type or (new).action <> (old).action
        or (new).payer <> (old).payer or (new).recipient <> (old).recipient or (new).amount <> (old).amount
        or (new).requested_by <> (old).requested_by or (new).transaction_id <> (old).transaction_id
        or (new).approval_id is distinct from (old).approval_id then
        raise exception 'eerc_operation keeps what was asked for, and by whom' using errcode = '23001';
      end if;
      return new;
    end $$`,
  eerc_operation_kept: [
    'drop trigger if exists eerc_operation_kept on eerc_operation',
    'create trigger eerc_operation_kept before update on eerc_operation for each row execute function keep_operation()',
  ],

  // a transaction is submitted by its own state: it needs its operation, and that one's approval
  transaction_takes_two: `
    create or replace function transaction_takes_two() returns trigger language plpgsql as $$
    begin
      if (new).state not in ('queued', 'submitting', 'submitted', 'confirmed') then
        return new;
      end if;
      if exists (
        select 1 from eerc_operation
        left join approval on approval.id = eerc_operation.approval_id
        where eerc_operation.transaction_id = (new).id and eerc_operation.app_id = (new).app_id
          and (eerc_operation.approval_id is null
            or (approval.app_id = eerc_operation.app_id and approval.state = 'approved'
              and approval.decided_by <> approval.requested_by
              and approval.action->>'operationId' = eerc_operation.id::text))
      ) then
        return new;
      end if;
      raise exception 'transaction needs its operation, and what that needs' using errcode = '23514';
    end $$`,
  operation_transaction_takes_two: [
    'drop trigger if exists operation_transaction_takes_two on transaction',
    `create trigger operation_transaction_takes_two before insert or update on transaction
      for each row when ((new).purpose = 'operation') execute function transaction_takes_two()`,
  ],

  keep_purpose: `
    create or replace function keep_purpose() returns trigger language plpgsql as $$
    begin
      raise exception 'transaction keeps what it is for' using errcode = '23001';
    end $$`,
  transaction_purpose_kept: [
    'drop trigger if exists transaction_purpose_kept on transaction',
    `create trigger transaction_purpose_kept before update on transaction
      for each row when ((new).purpose <> (old).purpose) execute function keep_purpose()`,
  ],

  // what others of the token may have to wait for
  eerc_operation_on_its_way: `
    create index if not exists eerc_operation_on_its_way on eerc_operation (token_id) where state = 'submitted'`,
} as const
