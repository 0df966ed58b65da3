/** Which policy is in force is told by its own state, which the database keeps to one for each app: nothing else says it too. */
export const onePolicyInForce = {
  list_version_without_policy: `alter table list_version drop column if exists policy_id`,
}
