import { expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import type * as entity from '../../server/contract/entities.ts'
import type { BuyingPublication } from '../../server/contract/purchases.ts'
import * as schema from '../../server/schemas/entities.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

type Flat<T> = { [Key in keyof T]: T[Key] }
type Shapes = Pick<typeof schema, Extract<keyof typeof schema, `${string}Shape`>>
type Outputs = { [Name in keyof Shapes]: Flat<z.output<Shapes[Name]>> }

type Done<Change> = Extract<Change, { status: 'done' }>
type Requested<Change> = Extract<Change, { status: 'requested'; approval: unknown }>

test('every shape has the fields of its entity, each of the same type, and no other', () => {
  expectTypeOf<Outputs['appShape']>().toEqualTypeOf<entity.App>()
  expectTypeOf<Outputs['apiKeyShape']>().toEqualTypeOf<entity.ApiKey>()
  expectTypeOf<Outputs['newApiKeyShape']>().toEqualTypeOf<Flat<entity.NewApiKey>>()
  expectTypeOf<Outputs['assetShape']>().toEqualTypeOf<entity.Asset>()
  expectTypeOf<Outputs['walletShape']>().toEqualTypeOf<entity.Wallet>()
  expectTypeOf<Outputs['balanceShape']>().toEqualTypeOf<entity.Balance>()
  expectTypeOf<Outputs['paywallShape']>().toEqualTypeOf<entity.Paywall>()
  expectTypeOf<Outputs['checkShape']>().toEqualTypeOf<entity.Check>()
  expectTypeOf<Outputs['decisionShape']>().toEqualTypeOf<entity.Decision>()
  expectTypeOf<Outputs['refusalShape']>().toEqualTypeOf<entity.Refusal>()
  expectTypeOf<Outputs['listShape']>().toEqualTypeOf<entity.List>()
  expectTypeOf<Outputs['listEntryShape']>().toEqualTypeOf<entity.ListEntry>()
  expectTypeOf<Outputs['listChangeShape']['status']>().toEqualTypeOf<entity.ListChange['status']>()
  expectTypeOf<Done<Outputs['listChangeShape']>>().toEqualTypeOf<Done<entity.ListChange>>()
  expectTypeOf<Flat<Requested<Outputs['listChangeShape']>['approval']>>().toEqualTypeOf<
    Flat<entity.RequestedApproval>
  >()
  expectTypeOf<Outputs['listImportShape']>().toEqualTypeOf<entity.ListImport>()
  expectTypeOf<Outputs['listPreviewShape']>().toEqualTypeOf<Flat<entity.ListPreview>>()
  expectTypeOf<Outputs['listAdditionShape']>().toEqualTypeOf<entity.ListAddition>()
  expectTypeOf<Outputs['listRemovalShape']>().toEqualTypeOf<entity.ListRemoval>()
  expectTypeOf<Outputs['listPublicationShape']>().toEqualTypeOf<entity.ListPublication>()
  expectTypeOf<Outputs['paymentShape']>().toEqualTypeOf<entity.Payment>()
  expectTypeOf<Outputs['acceptedPaymentShape']>().toEqualTypeOf<Flat<entity.AcceptedPayment>>()
  expectTypeOf<Outputs['quoteShape']>().toEqualTypeOf<entity.Quote>()
  expectTypeOf<Outputs['accessShape']>().toEqualTypeOf<entity.Access>()
  expectTypeOf<Outputs['accessCheckShape']>().toEqualTypeOf<entity.AccessCheck>()
  expectTypeOf<Outputs['auditLeafShape']>().toEqualTypeOf<entity.AuditLeaf>()
  expectTypeOf<Outputs['userShape']>().toEqualTypeOf<entity.User>()
  expectTypeOf<Outputs['challengeShape']>().toEqualTypeOf<entity.Challenge>()
  expectTypeOf<Outputs['sessionShape']>().toEqualTypeOf<entity.Session>()
  expectTypeOf<Outputs['signedInShape']>().toEqualTypeOf<entity.SignedIn>()
  expectTypeOf<Outputs['meShape']>().toEqualTypeOf<entity.Me>()
  expectTypeOf<Outputs['tokenShape']>().toEqualTypeOf<entity.Token>()
  expectTypeOf<Outputs['roleChangeShape']>().toEqualTypeOf<entity.RoleChange>()
  expectTypeOf<Outputs['policyPublicationShape']>().toEqualTypeOf<entity.PolicyPublication>()
  expectTypeOf<Outputs['buyingPublicationShape']>().toEqualTypeOf<BuyingPublication>()
  expectTypeOf<Outputs['holdReleaseShape']>().toEqualTypeOf<entity.HoldRelease>()
  expectTypeOf<Outputs['complianceShape']>().toEqualTypeOf<entity.Compliance>()
  expectTypeOf<Outputs['approvalShape']>().toEqualTypeOf<entity.Approval>()
  expectTypeOf<Outputs['requestedApprovalShape']>().toEqualTypeOf<Flat<entity.RequestedApproval>>()
  expectTypeOf<Outputs['operationReleaseShape']>().toEqualTypeOf<entity.OperationRelease>()
  expectTypeOf<Outputs['failureShape']>().toEqualTypeOf<entity.Payment['failure']>()
  expectTypeOf<z.output<typeof schema.listKind>>().toEqualTypeOf<entity.ListKind>()
  expectTypeOf<z.output<typeof schema.listImportState>>().toEqualTypeOf<entity.ListImportState>()
  expectTypeOf<z.output<typeof schema.approvalState>>().toEqualTypeOf<entity.ApprovalState>()
  expectTypeOf<z.output<typeof schema.paymentState>>().toEqualTypeOf<entity.PaymentState>()
})

test('no shape is left out above', () => {
  const listed = {
    appShape: 1,
    apiKeyShape: 1,
    newApiKeyShape: 1,
    assetShape: 1,
    walletShape: 1,
    balanceShape: 1,
    paywallShape: 1,
    checkShape: 1,
    decisionShape: 1,
    refusalShape: 1,
    complianceShape: 1,
    listShape: 1,
    listEntryShape: 1,
    listChangeShape: 1,
    listImportShape: 1,
    listPreviewShape: 1,
    listAdditionShape: 1,
    listRemovalShape: 1,
    listPublicationShape: 1,
    paymentShape: 1,
    acceptedPaymentShape: 1,
    quoteShape: 1,
    accessShape: 1,
    accessCheckShape: 1,
    auditLeafShape: 1,
    userShape: 1,
    challengeShape: 1,
    sessionShape: 1,
    signedInShape: 1,
    meShape: 1,
    tokenShape: 1,
    roleChangeShape: 1,
    holdReleaseShape: 1,
    operationReleaseShape: 1,
    failureShape: 1,
    walletCallsShape: 1,
    policyPublicationShape: 1,
    buyingPublicationShape: 1,
    approvalShape: 1,
    requestedApprovalShape: 1,
  } satisfies Record<keyof Shapes, 1>
  expect(
    Object.keys(schema)
      .filter((name) => name.endsWith('Shape'))
      .sort(),
  ).toEqual(Object.keys(listed).sort())
})

test('a field too many, or one of another type, would be noticed', () => {
  const leaky = schema.appShape.extend({ hash: z.string() })
  // @ts-expect-error the entity has no `hash`
  expectTypeOf<z.output<typeof leaky>>().toEqualTypeOf<entity.App>()
  const loose = schema.appShape.extend({ createdAt: z.string() })
  // @ts-expect-error the entity's is a Date
  expectTypeOf<z.output<typeof loose>>().toEqualTypeOf<entity.App>()
})

test('what an entity does not have is not answered', () => {
  const row = { id: 'an id', name: 'an app', origins: [], createdAt: new Date(), audit_head: 'internal' }
  expect(Object.keys(schema.appShape.parse(row))).toEqual(['id', 'name', 'origins', 'createdAt'])
})
