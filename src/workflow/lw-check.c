/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-verb-private.h"

#include <glib/gi18n-lib.h>

/* --- reading assignments ------------------------------------------------------------------------ */

typedef struct
{
  LwClient *client;
  char *id;
  char *scope;
  char *title;
} Read;

static void
read_free (gpointer data)
{
  Read *read = data;

  g_object_unref (read->client);
  g_free (read->id);
  g_free (read->scope);
  g_free (read->title);
  g_free (read);
}

static gboolean
is_hidden (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
}

/* Who may read only their own subscription sees what it inherits by listing there. Awaits. */
static LwAssignment *
find_inherited (Read *read)
{
  g_autofree char *subscription = lw_arm_id_subscription_scope (read->scope);
  g_autoptr (GPtrArray) list = NULL;

  if (!subscription)
    return NULL;

  list = dex_await_boxed (lw_client_list_assignments (read->client, subscription), NULL);
  for (guint i = 0; list && i < list->len; i++)
    {
      LwAssignment *assignment = g_ptr_array_index (list, i);

      if (lw_arm_id_equal (assignment->id, read->id))
        return lw_assignment_ref (assignment);
    }

  return NULL;
}

static GError *
explain_hidden (Read *read, const GError *cause)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (cause);
  g_autofree char *message = NULL;

  if (g_error_matches (cause, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND))
    message =
        g_strdup_printf (_ ("The policy assignment “%s” is not there any more. Choose the policy "
                            "again"),
                         read->title);
  else
    message =
        g_strdup_printf (_ ("Your account may not read the policy assignment “%s”. Ask for the "
                            "role Reader on the scope of the exemption"),
                         read->title);

  return lw_azure_error_new (cause->code, details, message);
}

static DexFuture *
read_fiber (gpointer data)
{
  Read *read = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAssignment) assignment = NULL;

  assignment = dex_await_boxed (lw_client_get_assignment (read->client, read->id), &error);
  if (!assignment && is_hidden (error))
    {
      if (!(assignment = find_inherited (read)))
        return dex_future_new_for_error (explain_hidden (read, error));
    }
  else if (!assignment)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return lw_client_load_definition (read->client, assignment);
}

static DexFuture *
read_assignment (LwSession *session, const LwGrant *grant)
{
  Read *read = g_new0 (Read, 1);

  read->client = g_object_ref (lw_session_get_client (session));
  read->id = lw_arm_id_normalize (grant->assignment);
  read->scope = g_strdup (grant->scope);
  read->title =
      grant->policy_name ? g_strdup (grant->policy_name) : lw_arm_id_name (grant->assignment);

  return dex_scheduler_spawn (NULL, 0, read_fiber, read, read_free);
}

GHashTable *
lw_read_assignments (LwSession *session, const LwRequest *request, gboolean strict, GError **error)
{
  g_autoptr (GHashTable) result = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free,
                                                         (GDestroyNotify) lw_assignment_unref);
  g_autoptr (GHashTable) futures =
      g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, NULL, dex_unref);
  GHashTableIter iter;
  const char *id;
  DexFuture *future;

  for (guint i = 0; i < request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (request->grants, i);
      g_autofree char *name = NULL;

      if (!grant->assignment || g_hash_table_contains (futures, grant->assignment) ||
          !lw_arm_id_split (grant->assignment, LW_ASSIGNMENTS_TYPE, NULL, &name))
        continue;
      g_hash_table_insert (futures, grant->assignment, read_assignment (session, grant));
    }

  g_hash_table_iter_init (&iter, futures);
  while (g_hash_table_iter_next (&iter, (gpointer *) &id, (gpointer *) &future))
    {
      g_autoptr (GError) local_error = NULL;
      LwAssignment *assignment = dex_await_boxed (dex_ref (future), &local_error);

      if (assignment)
        g_hash_table_insert (result, g_strdup (id), assignment);
      else if (strict || !is_hidden (local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }

  return g_steal_pointer (&result);
}

gboolean
lw_verify_policy (LwSession *session, const LwRequest *request, GError **error)
{
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (GDateTime) expires =
      request->expires ? lw_instant_parse (request->expires, NULL) : NULL;
  g_autoptr (GHashTable) assignments = NULL;

  if (!expires || g_date_time_compare (expires, now) <= 0)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
                   _ ("The exemption asked for would have expired already. Ask for changes"));
      return FALSE;
    }

  if (!(assignments = lw_read_assignments (session, request, TRUE, error)))
    return FALSE;

  for (guint i = 0; i < request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (request->grants, i);
      LwAssignment *assignment = g_hash_table_lookup (assignments, grant->assignment);
      g_autoptr (LwPolicySnapshot) current = NULL;

      if (assignment)
        current = lw_assignment_snapshot (assignment, grant->references);
      if (current && grant->policy && lw_policy_snapshot_equal (grant->policy, current))
        continue;

      g_set_error (
          error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
          _ ("The policy “%s” has changed since this request was submitted (policy.changed), "
             "so what was asked for no longer stands. Ask for changes: the requester submits "
             "it again against the policy of today"),
          assignment ? assignment->display_name : grant->policy_name);
      return FALSE;
    }

  return TRUE;
}

/* --- the verb ----------------------------------------------------------------------------------- */

static DexFuture *
check_fiber (gpointer data)
{
  LwVerb *verb = data;
  LwSession *session = verb->session;
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (GHashTable) assignments = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  LwAssessContext context = { 0 };

  if (!(assignments = lw_read_assignments (session, verb->request, FALSE, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  context.now = now;
  context.rules = lw_session_get_rules (session);
  context.hierarchy = lw_session_get_hierarchy (session);
  context.assignments = assignments;

  findings = lw_assess (verb->request, &context);
  lw_check_owner (session, verb->request, findings);
  lw_check_refusals (session, verb->request, findings);

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&findings));
}

DexFuture *
lw_check_request (LwSession *session, LwRequest *request)
{
  LwVerb *verb;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request != NULL, NULL);

  verb = lw_verb_new (session, NULL, NULL, NULL);
  verb->request = lw_request_copy (request);

  return lw_verb_run (verb, check_fiber);
}
