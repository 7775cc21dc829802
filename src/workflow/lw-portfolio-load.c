/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-json.h"
#include "lw-portfolio-private.h"
#include "lw-verb-private.h"

/* Resource Graph shows an exemption some minutes after it was created. */
#define LAG_MINUTES 30
#define MAX_FRESH   50

typedef struct
{
  LwSession *session; /* (unowned) */
  GDateTime *now;
  GPtrArray *exemptions;    /* LwExemption */
  GHashTable *policy_names; /* assignment id → display name */
  GHashTable *tags;         /* scope → JsonObject */
  GHashTable *approved;     /* request id → digest; nullable: the ledger is not known */
  GPtrArray *cases;         /* nullable */
  GError *ledger_error;
} Loading;

static void
loading_clear (Loading *loading)
{
  g_clear_pointer (&loading->now, g_date_time_unref);
  g_clear_pointer (&loading->exemptions, g_ptr_array_unref);
  g_clear_pointer (&loading->policy_names, g_hash_table_unref);
  g_clear_pointer (&loading->tags, g_hash_table_unref);
  g_clear_pointer (&loading->approved, g_hash_table_unref);
  g_clear_pointer (&loading->cases, g_ptr_array_unref);
  g_clear_error (&loading->ledger_error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loading, loading_clear)

static gboolean
is_approved (LwCase *value)
{
  return value->phase >= LW_PHASE_APPROVED && value->digest != NULL;
}

static void
take_cases (Loading *loading)
{
  loading->approved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < loading->cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (loading->cases, i);

      if (is_approved (value))
        g_hash_table_insert (loading->approved, g_ascii_strdown (value->request_id, -1),
                             g_strdup (value->digest));
    }
}

static void
take_assignments (Loading *loading, GPtrArray *assignments)
{
  loading->policy_names = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, g_free);

  for (guint i = 0; assignments && i < assignments->len; i++)
    {
      LwAssignment *assignment = g_ptr_array_index (assignments, i);

      g_hash_table_replace (loading->policy_names, g_strdup (assignment->id),
                            g_strdup (assignment->display_name));
    }
}

static void
take_scopes (Loading *loading, GPtrArray *scopes)
{
  loading->tags = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free,
                                         (GDestroyNotify) json_object_unref);

  for (guint i = 0; scopes && i < scopes->len; i++)
    {
      LwScopeInfo *info = g_ptr_array_index (scopes, i);

      if (info->tags)
        g_hash_table_replace (loading->tags, g_strdup (info->id), json_object_ref (info->tags));
    }
}

/* What was applied a moment ago and the query does not show yet is read one by one. Awaits. */
static void
add_fresh (Loading *loading)
{
  g_autoptr (GDateTime) since = g_date_time_add_minutes (loading->now, -LAG_MINUTES);
  g_autoptr (GHashTable) known = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  LwClient *client = lw_session_get_client (loading->session);
  guint n = 0;

  for (guint i = 0; i < loading->exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (loading->exemptions, i);

      g_hash_table_add (known, exemption->id);
    }

  for (guint i = 0; loading->cases && i < loading->cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (loading->cases, i);
      GHashTableIter iter;
      JsonObject *result;

      if (!value->changed || g_date_time_compare (value->changed, since) < 0 ||
          value->phase == LW_PHASE_RETIRED)
        continue;

      g_hash_table_iter_init (&iter, value->results);
      while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &result))
        {
          const char *id = lw_json_get_string (result, "id");
          LwExemption *fresh;

          if (!id || g_hash_table_contains (known, id) || n++ >= MAX_FRESH)
            continue;
          if ((fresh = dex_await_boxed (lw_client_get_exemption (client, id), NULL)))
            {
              g_ptr_array_add (loading->exemptions, fresh);
              g_hash_table_add (known, fresh->id);
            }
        }
    }
}

static JsonObject *
lookup_tags (const char *scope, gpointer user_data)
{
  Loading *loading = user_data;

  return g_hash_table_lookup (loading->tags, scope);
}

/* (transfer full) */
static char *
scope_label (Loading *loading, const char *scope)
{
  LwHierarchy *hierarchy = lw_session_get_hierarchy (loading->session);
  const char *name = hierarchy ? lw_hierarchy_display_name (hierarchy, scope) : NULL;

  return name && *name ? g_strdup (name) : lw_arm_id_name (scope);
}

static char *
policy_label (Loading *loading, LwExemption *exemption)
{
  const char *id = exemption->assignment_id ? exemption->assignment_id : "";
  const char *name = g_hash_table_lookup (loading->policy_names, id);

  return name ? g_strdup (name) : lw_arm_id_name (id);
}

static LwPortfolio *
build (Loading *loading)
{
  LwHierarchy *hierarchy = lw_session_get_hierarchy (loading->session);
  LwRules *rules = lw_session_get_rules (loading->session);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) teams =
      g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, NULL, g_free);
  GPtrArray *clusters;

  for (guint i = 0; i < loading->exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (loading->exemptions, i);
      LwTiles tiles = lw_portfolio_tiles (exemption, loading->now, loading->approved);
      g_autofree char *policy = policy_label (loading, exemption);
      g_autofree char *label = scope_label (loading, exemption->scope);
      char *team = lw_portfolio_team (exemption->scope, rules, hierarchy, lookup_tags, loading);

      g_ptr_array_add (items, lw_exemption_item_new (exemption, tiles, policy, team, label));
      g_hash_table_replace (teams, exemption->id, team);
    }

  clusters =
      lw_portfolio_clusters (loading->exemptions, loading->policy_names, teams, loading->now);

  return lw_portfolio_new (items, clusters, loading->now, g_steal_pointer (&loading->ledger_error));
}

static DexFuture *
load_fiber (gpointer data)
{
  LwVerb *verb = data;
  LwClient *client = lw_session_get_client (verb->session);
  g_auto (Loading) loading = { .session = verb->session };
  g_autoptr (DexFuture) exemptions = lw_client_list_all_exemptions (client);
  g_autoptr (DexFuture) assignments = lw_client_list_all_assignments (client);
  g_autoptr (DexFuture) scopes = lw_client_load_scopes (client);
  g_autoptr (DexFuture) cases = lw_ledger_list_cases (lw_session_get_ledger (verb->session));
  g_autoptr (GPtrArray) all_assignments = NULL;
  g_autoptr (GPtrArray) all_scopes = NULL;
  g_autoptr (GError) error = NULL;

  loading.now = lw_session_now (verb->session);
  if (!(loading.exemptions = dex_await_boxed (g_steal_pointer (&exemptions), &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  /* Without these the table is poorer, not wrong: ids for names, no teams, nothing called unreviewed. */
  all_assignments = dex_await_boxed (g_steal_pointer (&assignments), NULL);
  all_scopes = dex_await_boxed (g_steal_pointer (&scopes), NULL);
  loading.cases = dex_await_boxed (g_steal_pointer (&cases), &loading.ledger_error);

  take_assignments (&loading, all_assignments);
  take_scopes (&loading, all_scopes);
  if (loading.cases)
    take_cases (&loading);
  add_fresh (&loading);

  return dex_future_new_take_object (build (&loading));
}

DexFuture *
lw_load_portfolio (LwSession *session)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);

  return lw_verb_run (lw_verb_new (session, NULL, NULL, NULL), load_fiber);
}
