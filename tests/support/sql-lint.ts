import { loadModule, type Node, parsePlPgSQLSync, parseSync } from 'libpg-query'
import { all, type NodeName, type NodeOf, walk, words } from './sql-tree.ts'

/** What CockroachDB does not run, runs differently, or what we leave alone for another reason it gives. */
export interface Violation {
  rule: string
  message: string
}

export interface LintOptions {
  /** Names of columns that are never null, in whatever table: sorting by them needs no NULLS FIRST or LAST. */
  notNull?: ReadonlySet<string>
}

await loadModule()

type Report = (rule: string, message: string) => void
type Checks = { [Name in NodeName]?: (node: NodeOf<Name>, report: Report) => void }

/** Checks one SQL text against what both PostgreSQL and CockroachDB run alike. */
export function lint(sql: string, { notNull = new Set() }: LintOptions = {}): Violation[] {
  const violations: Violation[] = []
  const report: Report = (rule, message) => violations.push({ rule, message })
  let statements: Node[]
  try {
    statements = (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => stmt ?? [])
  } catch (error) {
    return [{ rule: 'syntax', message: (error as Error).message }]
  }

  if (statements.length > 1)
    report('one-statement', 'CockroachDB commits every DDL statement apart: send one statement')
  for (const statement of statements) {
    checkKind(statement, report)
    walk(statement, (name, node) =>
      (checks[name] as ((node: object, report: Report) => void) | undefined)?.(node, report),
    )
    if (!readsCatalogueOnly(statement)) {
      checkStars(statement, report)
      checkOrder(statement, notNull, report)
    }
    checkMutations(statement, report)
    if ('CreateFunctionStmt' in statement) checkFunctionBody(sql, report)
  }
  return violations
}

const allowedStatements = new Set<string>([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'TransactionStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'CreateStmt',
  'CreateFunctionStmt',
  'CreateTrigStmt',
  'IndexStmt',
  'ViewStmt',
  'AlterTableStmt',
  'RenameStmt',
  'DropStmt',
  'TruncateStmt',
  'GrantStmt',
])

function checkKind(statement: Node, report: Report) {
  const kind = Object.keys(statement)[0]!
  if (!allowedStatements.has(kind))
    report('statement', `${kind.replace(/Stmt$/, '')} is not among the statements we use`)
}

const checks: Checks = {
  // a MERGE may hide in a WITH
  MergeStmt: (_, report) => report('merge', 'MERGE does not exist: INSERT … ON CONFLICT, or UPDATE'),

  TransactionStmt({ kind, options }, report) {
    if (/PREPARE/.test(kind ?? '')) report('two-phase', 'two-phase commit is not ours to use')
    for (const option of all(options, 'DefElem')) {
      if (option.defname === 'transaction_deferrable') report('deferrable', 'DEFERRABLE transactions do not exist')
      const level = all(option.arg, 'A_Const')[0]?.sval?.sval
      if (option.defname === 'transaction_isolation' && level !== 'serializable' && level !== 'read committed') {
        report('isolation', `${level} is not an isolation level of CockroachDB: serializable`)
      }
    }
  },

  CreateStmt(table, report) {
    if (!table.if_not_exists) report('repeatable', 'CREATE TABLE IF NOT EXISTS: a migration may run twice')
    if (table.relation?.relpersistence === 't') report('temporary', 'temporary tables are experimental')
    if (table.relation?.relpersistence === 'u') report('unlogged', 'UNLOGGED means nothing')
    if (table.partspec || table.partbound) report('partition', 'declarative partitioning has another syntax')
    else if (table.inhRelations) report('inherits', 'INHERITS does not exist')
    if (table.ofTypename) report('typed-table', 'CREATE TABLE … OF does not exist')
  },

  Constraint(constraint, report) {
    const { contype = '' } = constraint
    if (contype === 'CONSTR_IDENTITY') report('identity', 'numbers in order are a hot range: gen_random_uuid()')
    if (contype === 'CONSTR_EXCLUSION') report('exclude', 'EXCLUDE constraints do not exist')
    const isDeferred = constraint.deferrable || constraint.initdeferred || /DEFERR(ABLE|ED)$/.test(contype)
    if (isDeferred && !/NOT_DEFERRABLE/.test(contype)) report('deferrable', 'constraints are checked at once, always')
    if (constraint.nulls_not_distinct) report('nulls-not-distinct', 'NULLS NOT DISTINCT does not exist')
    if (constraint.without_overlaps) report('exclude', 'WITHOUT OVERLAPS does not exist')
  },

  IndexStmt(index, report) {
    if (!index.if_not_exists) report('repeatable', 'CREATE INDEX IF NOT EXISTS: a migration may run twice')
    if (index.nulls_not_distinct) report('nulls-not-distinct', 'NULLS NOT DISTINCT does not exist')
    if (!['btree', 'gin'].includes(index.accessMethod ?? 'btree')) {
      report('index-method', `${index.accessMethod} indexes do not exist, or mean something else`)
    }
    const [first] = all(index.indexParams, 'IndexElem')
    if (first?.name?.endsWith('_at')) {
      report('hot-range', `an index that begins with ${first.name} grows at one end: put a tenant or a shard before it`)
    }
  },

  AlterTableStmt({ cmds }, report) {
    for (const { subtype = '' } of all(cmds, 'AlterTableCmd')) {
      const complaint = alterations[subtype.replace('AT_', '')]
      if (complaint) report('alter-table', complaint)
    }
  },

  DropStmt({ missing_ok, removeType }, report) {
    if (!missing_ok) report('repeatable', 'DROP … IF EXISTS: a migration may run twice')
    if (removeType === 'OBJECT_SEQUENCE') report('sequence', 'we have no sequences')
  },

  TruncateStmt({ restart_seqs }, report) {
    if (restart_seqs) report('truncate', 'TRUNCATE … RESTART IDENTITY does not exist')
  },

  CreateTrigStmt(trigger, report) {
    const [isInstead, isTruncate] = [64, 32]
    if (!trigger.row) report('trigger', 'only triggers FOR EACH ROW run')
    if ((trigger.timing ?? 0) & isInstead) report('trigger', 'INSTEAD OF triggers do not run')
    if ((trigger.events ?? 0) & isTruncate) report('trigger', 'TRUNCATE fires no trigger')
    if (trigger.columns) report('trigger', 'UPDATE OF columns does not exist')
    if (trigger.transitionRels) report('trigger', 'transition tables do not exist')
    if (trigger.isconstraint) report('trigger', 'constraint triggers do not exist')
  },

  AccessPriv({ cols }, report) {
    if (cols) report('column-grant', 'privileges are of whole tables')
  },

  TypeName(type, report) {
    const names = words(type.names)
    const name = names.at(-1) ?? ''
    // the parser gives `integer` its schema, and leaves `int4` as it was written
    if (names.length === 2 && ['int2', 'int4', 'int8'].includes(name)) {
      report('integer', 'INTEGER has 64 bits in CockroachDB: write int4 or int8')
    }
    if (/serial\d?$/.test(name)) report('serial', 'numbers in order are a hot range: gen_random_uuid()')
    if (/^(int4|int8|num|ts|tstz|date)(multi)?range$/.test(name)) report('range', 'range types do not exist')
    if (otherTypes.has(name)) report('type', `${name} does not exist, or not with this meaning`)
    if (type.pct_type) report('type', '%TYPE does not exist')
  },

  FuncCall({ funcname }, report) {
    const name = words(funcname).at(-1) ?? ''
    const found = functions.find(([pattern]) => pattern.test(name))
    if (found) report(found[1], `${name}(): ${found[2]}`)
  },

  A_Expr(expression, report) {
    if (words(expression.name).at(-1) !== '/') return
    if (![expression.lexpr, expression.rexpr].some(isFraction)) {
      report('division', 'integers divide to a DECIMAL in CockroachDB: divide in code, or cast an operand to numeric')
    }
  },

  SelectStmt(select, report) {
    if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') report('with-ties', 'FETCH … WITH TIES does not exist')
    if (select.intoClause) report('select-into', 'SELECT INTO does not exist')
  },

  LockingClause({ waitPolicy, strength }, report) {
    if (waitPolicy === 'LockWaitSkip') {
      report('skip-locked', 'SKIP LOCKED skips rows that are free and crawls under load: claim by UPDATE … RETURNING')
    }
    if (strength === 'LCS_FORSHARE' || strength === 'LCS_FORKEYSHARE') {
      report('for-share', 'FOR SHARE locks nothing under SERIALIZABLE')
    }
  },

  OnConflictClause({ action, infer }, report) {
    if (action === 'ONCONFLICT_UPDATE' && !infer) report('on-conflict', 'DO UPDATE needs its one arbiter named')
  },

  InsertStmt({ override, cols }, report) {
    if (override && override !== 'OVERRIDING_NOT_SET') report('identity', 'OVERRIDING belongs to identity columns')
    if (!cols) report('insert-columns', 'name the columns: their order is not ours to rely on')
  },

  ReturningClause({ options, exprs }, report) {
    const isOldOrNew = (column: NodeOf<'ColumnRef'>) => ['old', 'new'].includes(words(column.fields)[0] ?? '')
    if (options || all(exprs, 'ColumnRef').some(isOldOrNew)) report('returning', 'RETURNING old or new does not exist')
  },

  CommonTableExpr({ search_clause, cycle_clause }, report) {
    if (search_clause || cycle_clause) report('search-cycle', 'SEARCH and CYCLE do not exist')
  },

  RangeVar({ inh, relname, schemaname }, report) {
    if (!inh) report('only', 'ONLY does not exist')
    if (schemaname === 'crdb_internal' || relname?.startsWith('pg_stat')) {
      report('internals', `${schemaname ?? ''} ${relname}: not to be read by a service`)
    }
  },

  GroupingSet: (_, report) => report('grouping', 'ROLLUP, CUBE and GROUPING SETS do not exist'),
  RangeTableSample: (_, report) => report('tablesample', 'TABLESAMPLE does not exist'),
  CurrentOfExpr: (_, report) => report('cursor', 'WHERE CURRENT OF does not exist'),
  JsonTable: (_, report) => report('json', 'JSON_TABLE does not exist'),
  JsonFuncExpr: (_, report) => report('json', 'the functions of SQL/JSON do not exist: ->, ->>, @>'),
  JsonObjectConstructor: (_, report) => report('json', 'JSON_OBJECT does not exist: jsonb_build_object'),
  JsonIsPredicate: (_, report) => report('json', 'IS JSON does not exist'),
  XmlExpr: (_, report) => report('xml', 'XML does not exist'),
  RangeTableFunc: (_, report) => report('xml', 'XMLTABLE does not exist'),
}

const alterations: Record<string, string | undefined> = {
  AlterColumnType: 'ALTER COLUMN TYPE fails on columns that are used anywhere: add a new column and fill it',
  AddIdentity: 'numbers in order are a hot range: gen_random_uuid()',
  AddInherit: 'INHERITS does not exist',
  AttachPartition: 'declarative partitioning has another syntax',
  DetachPartition: 'declarative partitioning has another syntax',
  AlterConstraint: 'constraints are checked at once, always',
  ClusterOn: 'CLUSTER does not exist',
  SetUnLogged: 'UNLOGGED means nothing',
  DisableTrig: 'triggers cannot be switched off',
  DisableTrigAll: 'triggers cannot be switched off',
}

const otherTypes = new Set(['money', 'xml', 'macaddr', 'macaddr8', 'cidr', 'point', 'line', 'lseg', 'path', 'circle'])

const functions: [pattern: RegExp, rule: string, message: string][] = [
  [/^pg_(try_)?advisory_/, 'advisory-lock', 'advisory locks do not exist: a lease row'],
  [/^pg_(notify|listening_channels)$/, 'notify', 'LISTEN and NOTIFY do not exist: look again'],
  [/^(nextval|currval|setval|lastval)$/, 'sequence', 'numbers in order are a hot range: gen_random_uuid()'],
  [/^uuidv\d$/, 'uuid', 'gen_random_uuid() is on both'],
  [/^(txid_|pg_current_|pg_snapshot_|pg_export_)/, 'internals', 'how PostgreSQL numbers its transactions is its own'],
  [/^pg_(terminate|cancel)_backend$/, 'internals', 'sessions end by their own limits'],
  [/^(int4|int8|num|ts|tstz|date)(multi)?range$/, 'range', 'range types do not exist'],
]

function isFraction(operand: Node | undefined): boolean {
  if (!operand) return false
  if ('TypeCast' in operand)
    return /^(numeric|float4|float8|interval)$/.test(words(operand.TypeCast.typeName?.names).at(-1) ?? '')
  return 'A_Const' in operand && operand.A_Const.fval !== undefined
}

const readsCatalogueOnly = (statement: Node) => {
  const tables = all(statement, 'RangeVar')
  return tables.length > 0 && tables.every(({ schemaname }) => schemaname === 'pg_catalog')
}

function checkStars(statement: Node, report: Report) {
  if (all(statement, 'A_Star').length > 0)
    report('select-star', 'name the columns: a plan with * breaks when one is added')
}

function checkOrder(statement: Node, notNull: ReadonlySet<string>, report: Report) {
  for (const { node, sortby_nulls } of all(statement, 'SortBy')) {
    if (sortby_nulls !== 'SORTBY_NULLS_DEFAULT' || !node) continue
    const column = 'ColumnRef' in node ? words(node.ColumnRef.fields).at(-1) : undefined
    if (column !== undefined && notNull.has(column)) continue
    report(
      'null-order',
      `NULLs sort last in PostgreSQL and first in CockroachDB: NULLS FIRST or LAST on ${column ?? 'it'}`,
    )
  }
}

function checkMutations(statement: Node, report: Report) {
  const changes = [...all(statement, 'InsertStmt'), ...all(statement, 'UpdateStmt'), ...all(statement, 'DeleteStmt')]
  const targets = changes.map(({ relation }) => relation?.relname ?? '')
  for (const table of new Set(targets.filter((target, index) => targets.indexOf(target) !== index))) {
    report('mutated-twice', `${table} is changed twice in one statement, which CockroachDB refuses`)
  }
}

/** PL/pgSQL statements that CockroachDB has not. */
const procedural: [pattern: RegExp, name: string][] = [
  [/"PLpgSQL_stmt_perform"/, 'PERFORM'],
  [/"PLpgSQL_stmt_dynexecute"/, 'EXECUTE'],
  [/"PLpgSQL_stmt_case"/, 'CASE'],
  [/"PLpgSQL_stmt_foreach_a"/, 'FOREACH'],
  [/"PLpgSQL_stmt_(dyn)?fors"/, 'FOR over a query'],
  [/"PLpgSQL_stmt_getdiag"/, 'GET DIAGNOSTICS'],
  [/"PLpgSQL_stmt_assert"/, 'ASSERT'],
  [/"query":"[^"]*\bfound\b/i, 'FOUND'],
]

function checkFunctionBody(sql: string, report: Report) {
  if (!/language\s+'?plpgsql/i.test(sql))
    return report('function', 'functions are PL/pgSQL, and few: logic is in TypeScript')
  const body = JSON.stringify(parsePlPgSQLSync(sql))
  for (const [pattern, name] of procedural) {
    if (pattern.test(body)) report('plpgsql', `${name} does not exist in CockroachDB's PL/pgSQL`)
  }
  if (/%(row)?type\b/i.test(sql)) report('plpgsql', '%TYPE does not exist')
}

/** Names of the columns that are NOT NULL in every table of these statements that has them. */
export function notNullColumns(statements: Iterable<string>): Set<string> {
  const [always, sometimes] = [new Set<string>(), new Set<string>()]
  for (const sql of statements) {
    for (const table of all(parseSync(sql), 'CreateStmt')) {
      const keys = all(table, 'Constraint').filter(({ contype }) => contype === 'CONSTR_PRIMARY')
      const inKey = new Set(keys.flatMap((key) => words(key.keys)))
      for (const column of all(table, 'ColumnDef')) {
        const name = column.colname ?? ''
        const required = all(column.constraints, 'Constraint').some(({ contype = '' }) =>
          /NOTNULL|PRIMARY/.test(contype),
        )
        const nullable = !required && !inKey.has(name)
        ;(nullable ? sometimes : always).add(name)
      }
    }
  }
  return new Set([...always].filter((name) => !sometimes.has(name)))
}
