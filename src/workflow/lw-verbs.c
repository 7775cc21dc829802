/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-json.h"
#include "lw-verb-private.h"

#include <glib/gi18n-lib.h>

/* --- reading cases ------------------------------------------------------------------------------ */

static DexFuture *
load_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (GError) error = NULL;
  LwCase *value = lw_verb_read_case (verb, &error);

  if (!value)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, value);
}

DexFuture *
lw_load_case (LwSession *session, const char *request_id)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  return lw_verb_run (lw_verb_new (session, request_id, NULL, NULL), load_fiber);
}

static int
compare_changed (gconstpointer a, gconstpointer b)
{
  LwCase *left = *(LwCase *const *) a;
  LwCase *right = *(LwCase *const *) b;

  if (left->changed && right->changed)
    return -g_date_time_compare (left->changed, right->changed);

  return (right->changed != NULL) - (left->changed != NULL);
}

static DexFuture *
list_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = NULL;

  cases = dex_await_boxed (lw_ledger_list_cases (lw_session_get_ledger (verb->session)), &error);
  if (!cases)
    return dex_future_new_for_error (g_steal_pointer (&error));

  g_ptr_array_sort (cases, compare_changed);

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&cases));
}

DexFuture *
lw_list_cases (LwSession *session)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);

  return lw_verb_run (lw_verb_new (session, NULL, NULL, NULL), list_fiber);
}

/* --- whose turn it is --------------------------------------------------------------------------- */

gboolean
lw_case_waits_for_review (LwSession *self, LwCase *item)
{
  const LwPerson *person;
  g_autoptr (JsonObject) body = NULL;

  g_return_val_if_fail (LW_IS_SESSION (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  person = lw_session_get_person (self);
  if (!person || item->phase != LW_PHASE_PENDING || lw_case_has_approved (item, person->id))
    return FALSE;

  body = json_object_new ();
  lw_json_set_string (body, "digest", item->digest);
  lw_json_set_string (body, "terms", NULL);

  return lw_case_check (item, LW_EVENT_APPROVED, person, body, lw_session_get_hierarchy (self),
                        NULL);
}

gboolean
lw_case_waits_for_apply (LwCase *item)
{
  g_return_val_if_fail (item != NULL, FALSE);

  /* Applying: begun and not finished, so that somebody has to go on with it. */
  return item->phase == LW_PHASE_APPROVED || item->phase == LW_PHASE_APPLYING ||
         item->phase == LW_PHASE_PARTLY_APPLIED || item->phase == LW_PHASE_APPLY_FAILED;
}

gboolean
lw_case_is_mine (LwSession *self, LwCase *item)
{
  const LwPerson *person;

  g_return_val_if_fail (LW_IS_SESSION (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  person = lw_session_get_person (self);

  return person && item->content &&
         (lw_person_equal (person, item->content->requester) ||
          lw_person_equal (person, item->content->owner));
}

/* --- rights ------------------------------------------------------------------------------------- */

#define WRITE_ACTION  "Microsoft.Authorization/policyExemptions/write"
#define EXEMPT_ACTION "Microsoft.Authorization/policyAssignments/exempt/action"

/* Starts reading the rights at @scope once. */
static void
want_rights (LwSession *session, GHashTable *futures, const char *scope)
{
  if (!g_hash_table_contains (futures, scope))
    g_hash_table_insert (futures, g_strdup (scope),
                         lw_client_get_rights (lw_session_get_client (session), scope));
}

/* Awaits. */
static LwRight
check_right (GHashTable *futures, const char *scope, const char *action)
{
  DexFuture *future = g_hash_table_lookup (futures, scope);
  g_autoptr (LwRights) rights = dex_await_boxed (dex_ref (future), NULL);

  return rights ? lw_rights_check (rights, action) : LW_RIGHT_UNKNOWN;
}

/* A right that is surely lacking decides; one that is not known leaves the answer open. */
static LwRight
combine (LwRight a, LwRight b)
{
  if (a == LW_RIGHT_NO || b == LW_RIGHT_NO)
    return LW_RIGHT_NO;
  if (a == LW_RIGHT_UNKNOWN || b == LW_RIGHT_UNKNOWN)
    return LW_RIGHT_UNKNOWN;

  return LW_RIGHT_YES;
}

static DexFuture *
can_apply_fiber (gpointer data)
{
  LwVerb *verb = data;
  GPtrArray *grants = verb->request->grants;
  g_autoptr (GHashTable) futures =
      g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, dex_unref);
  LwRight right = LW_RIGHT_YES;

  /* All are asked at once, then awaited. */
  for (guint pass = 0; pass < 2; pass++)
    {
      for (guint i = 0; i < grants->len; i++)
        {
          LwGrant *grant = g_ptr_array_index (grants, i);
          g_autofree char *at = NULL;

          if (!grant->scope || !grant->assignment ||
              !lw_arm_id_split (grant->assignment, LW_ASSIGNMENTS_TYPE, &at, NULL))
            {
              right = combine (right, LW_RIGHT_UNKNOWN);
              continue;
            }

          if (pass == 0)
            {
              want_rights (verb->session, futures, grant->scope);
              want_rights (verb->session, futures, at);
              continue;
            }

          right = combine (right, check_right (futures, grant->scope, WRITE_ACTION));
          right = combine (right, check_right (futures, at, EXEMPT_ACTION));
        }
    }

  return dex_future_new_for_int (right);
}

DexFuture *
lw_can_apply (LwSession *session, LwRequest *request)
{
  LwVerb *verb;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request != NULL, NULL);

  verb = lw_verb_new (session, NULL, NULL, NULL);
  verb->request = lw_request_copy (request);

  return lw_verb_run (verb, can_apply_fiber);
}
