import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { Caller } from '../../contract/callers.ts'
import type { Approval } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { dropOperation, releaseOperation, wakeOperation } from '../eerc/release-operation.ts'
import { releaseHold, standingHold } from '../holds/release-hold.ts'
import { addAsApproved, additionTo } from '../lists/add-as-approved.ts'
import { discardAsRefused } from '../lists/discard-import.ts'
import { publicationOf, publishAsApproved } from '../lists/publish-as-approved.ts'
import { removalFrom, removeAsApproved } from '../lists/remove-as-approved.ts'
import { draftToPublish, publishPolicy } from '../policies/publish-policy.ts'
import type { Principal } from '../principal.ts'
import { draftedTerms, publishTerms } from '../purchases/publish-terms.ts'
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
  check(trx: Kysely<Database>, asked: Asked<ActionOf<Type>>, services: Pick<Services, 'clock'>): Promise<unknown>
  /** Does it in the commit of the approval, with its own audit leaf and event, or throws if it can no longer be done. */
  perform(trx: Kysely<Database>, services: Services, approver: Principal, asked: Asked<ActionOf<Type>>): Promise<void>
  /** Clears away what was prepared for it, in the commit in which somebody refuses it or its time is over. */
  drop?(trx: Kysely<Database>, services: Services, by: Principal, asked: Asked<ActionOf<Type>>): Promise<void>
  /** Tells whoever is to go on with it, once it is committed. */
  afterwards?(services: Services, asked: Asked<ActionOf<Type>>): void
}

const roleChange: Rule<'role.grant' | 'role.revoke'> = {
  requestedBy: ['operator', 'platform'],
  decidedBy: ['operator', 'platform'],
  check: rolesAfter,
  perform: changeRole,
}

/** Whoever keeps the rules asks; an app's server is one, but decides on nothing. */
const rules = { requestedBy: ['officer', 'service'], decidedBy: ['officer', 'operator'] } as const

const operation = {
  decidedBy: ['officer', 'operator'],
  check: async () => {},
  perform: releaseOperation,
  drop: dropOperation,
  afterwards: wakeOperation,
} as const

/** Every action that waits for the word of a second person, by its type. */
const actions: { readonly [Type in Action['type']]: Rule<Type> } = {
  'role.grant': roleChange,
  'role.revoke': roleChange,
  'policy.publish': { ...rules, check: draftToPublish, perform: publishPolicy },
  'purchases.policy': {
    requestedBy: ['operator', 'service'],
    decidedBy: ['officer', 'operator'],
    check: draftedTerms,
    perform: publishTerms,
  },
  'list.add': { ...rules, check: additionTo, perform: addAsApproved },
  'list.remove': { ...rules, check: removalFrom, perform: removeAsApproved },
  'hold.release': {
    requestedBy: ['officer', 'operator'],
    decidedBy: ['officer', 'operator'],
    check: standingHold,
    perform: releaseHold,
  },
  'eerc.operate': { ...operation, requestedBy: ['officer', 'operator', 'service'] },
  'eerc.transfer': { ...operation, requestedBy: ['user', 'service'] },
  'list.publish': { ...rules, check: publicationOf, perform: publishAsApproved, drop: discardAsRefused },
}

/** The rule of an action. */
export const ruleOf = <Type extends Action['type']>(action: ActionOf<Type>): Rule<Type> => actions[action.type]
