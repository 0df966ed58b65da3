import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Caller } from '../../contract/callers.ts'
import type { Approval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { draftToPublish, publishPolicy } from '../policies/publish-policy.ts'
import type { Principal } from '../principal.ts'
import { changeRole, rolesAfter } from '../users/change-role.ts'

/** What can be asked for. */
export type Action = Approval['action']

type ActionOf<Type extends Action['type']> = Action & { type: Type }

/** An action that is asked for, in the app that it is about. */
export interface Asked<Some extends Action = Action> {
  approvalId: string
  appId: string
  action: Some
}

/** What holds for actions of one type. */
interface Rule<Type extends Action['type']> {
  /** Who may ask for it, and must still be allowed to when it is approved. */
  requestedBy: readonly Caller[]
  /** Who may decide on it, if they did not ask for it. */
  decidedBy: readonly Caller[]
  /** Throws, in the commit of the request, if it could not be done now. */
  check(trx: Kysely<Database>, asked: Asked<ActionOf<Type>>): Promise<unknown>
  /** Does it in the commit of the approval, with its own audit leaf and event, or throws if it can no longer be done. */
  perform(trx: Kysely<Database>, services: Services, approver: Principal, asked: Asked<ActionOf<Type>>): Promise<void>
}

const roleChange: Rule<'role.grant' | 'role.revoke'> = {
  requestedBy: ['operator', 'platform'],
  decidedBy: ['operator', 'platform'],
  check: rolesAfter,
  perform: changeRole,
}

const policyPublication: Rule<'policy.publish'> = {
  requestedBy: ['officer', 'service'],
  decidedBy: ['officer', 'operator'],
  check: draftToPublish,
  perform: publishPolicy,
}

/** Every action that waits for the word of a second person, by its type. */
const actions: { readonly [Type in Action['type']]: Rule<Type> } = {
  'policy.publish': policyPublication,
  'role.grant': roleChange,
  'role.revoke': roleChange,
}

/** The rule of an action. */
export const ruleOf = <Type extends Action['type']>(action: ActionOf<Type>): Rule<Type> => actions[action.type]
