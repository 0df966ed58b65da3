import type { UserRow } from '../../../db/schema.ts'
import type { GrantedRole } from '../../contract/callers.ts'
import type { User } from '../../contract/entities.ts'
import { asAddress } from '../wire.ts'

export const userColumns = ['id', 'address', 'roles', 'created_at'] as const

export const userOf = (row: Pick<UserRow, (typeof userColumns)[number]>): User => ({
  id: row.id,
  address: asAddress(row.address),
  roles: ['user', ...(row.roles as GrantedRole[])],
  createdAt: row.created_at,
})
