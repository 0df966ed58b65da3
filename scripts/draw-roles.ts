import { type Meta, requireDeclarations } from '../server/auth/admit.ts'
import { callerWords } from '../server/auth/caller-words.ts'
import { defaultLimits, type Limit, peoplePerApp } from '../server/auth/rate-limits.ts'
import { TOKEN_LIFETIME } from '../server/auth/tokens.ts'
import { type Caller, roles, scopes, tokenScopes } from '../server/contract/callers.ts'
import { type Action, ruleOf } from '../server/domain/approvals/actions.ts'
import { APPROVAL_LIFETIME } from '../server/domain/approvals/request-approval.ts'
import { appRouter } from '../server/router.ts'
import { titles } from './caller-titles.ts'
import { keepPage, table } from './keep-page.ts'

// Draws docs/roles.md from what every procedure declares. With --check it only tells whether the page is current.

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { meta: Meta } }>
requireDeclarations(procedures)
const declared = Object.entries(procedures).map(([path, { _def }]) => ({ path, ..._def.meta }))

const callers = Object.keys(titles) as Caller[]

/** Whoever has a role is a user as well. */
const may = ({ for: these }: Meta, caller: Caller) =>
  these.includes(caller) || (these.includes('user') && (roles as readonly Caller[]).includes(caller))

const nounOf = (path: string) => path.slice(0, path.indexOf('.'))

const matrix = table(
  ['', 'procedure', ...Object.values(titles), 'scope', 'limit'],
  declared.map(({ path, ...meta }, row) => [
    nounOf(path) === nounOf(declared[row - 1]?.path ?? '.') ? '' : `**${nounOf(path)}**`,
    `\`${path}\``,
    ...callers.map((caller) => (may(meta, caller) ? '●' : '')),
    meta.scope ? `\`${meta.scope}\`` : '',
    meta.limit,
  ]),
)

const opened = table(
  ['scope', 'what it opens', 'a token may have it'],
  scopes.map((scope) => [
    `\`${scope}\``,
    declared
      .filter((one) => one.scope === scope)
      .map(({ path }) => `\`${path}\``)
      .join(', ') || 'nothing yet',
    (tokenScopes as readonly string[]).includes(scope) ? '●' : '',
  ]),
)

const limitWords: Record<Limit, string> = {
  signIn: 'signing in and proving wallets',
  money: 'what moves money',
  write: 'other changes',
  read: 'reading',
}

const size = (points: number, seconds: number) => `${points.toLocaleString('en')} calls in ${seconds} s`

const limits = table(
  [
    'limit',
    'for',
    'one person, or one network of people who are not signed in',
    'all API keys of an app, or of the platform, together',
  ],
  (Object.keys(defaultLimits) as Limit[]).map((limit) => {
    const { points, seconds } = defaultLimits[limit]
    return [limit, limitWords[limit], size(points, seconds), size(points * peoplePerApp, seconds)]
  }),
)

/** What is done for a token's issuer: all that is asked of tokens but what holders do. */
const issuing = declared.filter(({ path, for: these }) => nounOf(path) === 'eerc' && these.includes('officer'))

const actionWords: Record<Action['type'], { says: string; paths: string[] }> = {
  'policy.publish': { says: 'put a policy in force', paths: ['policies.publish'] },
  'purchases.policy': { says: 'allow more to be bought of paid APIs', paths: ['purchases.setPolicy'] },
  'role.grant': { says: 'give a person a role', paths: ['users.grantRole'] },
  'role.revoke': { says: 'take a role from a person', paths: ['users.revokeRole'] },
  'list.add': { says: 'put somebody on an allow list', paths: ['lists.add'] },
  'list.remove': { says: 'take somebody off a deny or sanctions list', paths: ['lists.remove'] },
  'eerc.operate': { says: 'act on a token for its issuer', paths: issuing.map(({ path }) => path) },
  'eerc.transfer': {
    says: 'let a transfer of tokens go that the policy wants to have reviewed',
    paths: ['eerc.transfer'],
  },
  'hold.release': { says: 'end a legal hold', paths: ['holds.release'] },
  'list.publish': { says: 'replace all that is on a list', paths: ['lists.publish'] },
}

const titlesOf = (these: readonly Caller[]) => these.map((caller) => titles[caller]).join(' or ')

const approvals = table(
  ['action', 'asked for with', 'who asks', 'who decides'],
  (Object.keys(actionWords) as Action['type'][]).map((type) => {
    const { requestedBy, decidedBy } = ruleOf({ type } as Action)
    const { says, paths } = actionWords[type]
    return [
      says,
      paths.map((path) => `\`${path}\``).join(', '),
      titlesOf(requestedBy),
      `another ${titlesOf(decidedBy)}`,
    ]
  }),
)

await keepPage('roles.md', [
  '# Who may do what',
  '<!-- Drawn from what every procedure declares (server/routes, server/auth) by `npm run docs`. Do not edit. -->',
  `Whoever signs in to an app is a *user* of it. The other roles are granted, in one app, by two people; they add to each other and to
what a user may. Servers call with API keys, which may be confined to scopes. Give people roles and servers keys; never a key to a
person.

An operator can make an API key, and with it do whatever the app's servers may, payments from its custodial wallets included. Name few
operators, but at least two: they decide on each other's requests. The first are named when the app is registered.`,
  '## Roles and keys',
  table(
    ['', 'what it is there for'],
    callers.map((caller) => [`**${titles[caller]}**`, callerWords[caller].says]),
  ),
  `Nothing of one app reaches another. Within an app, users and merchants reach what is their own; officers, auditors and operators see all
of it, and pay from no wallet but their own. What somebody does not reach answers as if it did not exist.`,
  '## What each may call',
  `● may. Somebody with several roles may what any of them may. A key needs the scope, unless it was made for all; a token needs it; a session
needs none.`,
  matrix,
  '## Scopes',
  `A key is made for some scopes or for all. A token, for pages of other sites, is made from a session for some of ${tokenScopes.length} scopes,
ends after ${TOKEN_LIFETIME / 60_000} minutes or with its session, and never does what its person may not.`,
  opened,
  '## Limits',
  `Who calls more often meets \`RATE_LIMITED\` (429) and is told how long to wait. \`signIn\` and \`money\` are counted for all instances
together, the others by each instance.`,
  limits,
  '## What takes two people',
  `These wait for somebody else's word: nobody decides on what they asked for, and undecided they are void after ${APPROVAL_LIFETIME / 3_600_000}
hours. Both must still have the role when it is done. It is asked for with a reason, and both names are in the audit trail.`,
  approvals,
])
