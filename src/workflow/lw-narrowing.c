/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-narrowing.h"

#include "lw-json.h"
#include "lw-portfolio.h"
#include "lw-thread.h"

#define STACK_SIZE (512 * 1024)
#define MAX_DEPTH  32

typedef struct
{
  LwSession *session;
  LwAssignment *assignment;
  GPtrArray *resources;
  GPtrArray *references;
  int renewals;
  /* read */
  GPtrArray *states;
  GPtrArray *exemptions; /* from this assignment, in force */
  GHashTable *counts;    /* scope → how many exemptions stand there */
  GPtrArray *unread;     /* (element-type utf8): subscriptions */
  gboolean partial;
  /* for the thread */
  LwHierarchy *hierarchy;
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  g_object_unref (self->session);
  lw_assignment_unref (self->assignment);
  g_ptr_array_unref (self->resources);
  g_ptr_array_unref (self->references);
  g_clear_pointer (&self->states, g_ptr_array_unref);
  g_clear_pointer (&self->exemptions, g_ptr_array_unref);
  g_clear_pointer (&self->counts, g_hash_table_unref);
  g_ptr_array_unref (self->unread);
  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  g_free (self);
}

LwNarrowing *
lw_narrowing_ref (LwNarrowing *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
narrowing_clear (gpointer data)
{
  LwNarrowing *self = data;

  g_clear_pointer (&self->result, lw_narrow_result_unref);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_clear_pointer (&self->covering, g_ptr_array_unref);
}

void
lw_narrowing_unref (LwNarrowing *self)
{
  g_atomic_rc_box_release_full (self, narrowing_clear);
}

G_DEFINE_BOXED_TYPE (LwNarrowing, lw_narrowing, lw_narrowing_ref, lw_narrowing_unref)

static gboolean
holds (GPtrArray *texts, const char *text)
{
  for (guint i = 0; i < texts->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (texts, i), text) == 0)
      return TRUE;

  return FALSE;
}

/* --- reading; awaits ---------------------------------------------------------------------------- */

static gboolean
is_hidden (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
}

static void
collect_subscriptions (LwHierarchy *hierarchy, const char *id, GPtrArray *into, guint depth)
{
  g_autoptr (GPtrArray) children = NULL;

  if (lw_scope_kind (id) == LW_SCOPE_SUBSCRIPTION)
    {
      g_ptr_array_add (into, g_strdup (id));
      return;
    }

  children = lw_hierarchy_children (hierarchy, id);
  for (guint i = 0; depth < MAX_DEPTH && i < children->len; i++)
    collect_subscriptions (hierarchy, g_ptr_array_index (children, i), into, depth + 1);
}

/* The subscriptions of the assignment that the person sees, or all where its place is not known. */
static GPtrArray *
visible_subscriptions (Work *self)
{
  GPtrArray *into = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) roots = NULL;

  if (!self->hierarchy)
    return into;
  collect_subscriptions (self->hierarchy, self->assignment->scope, into, 0);
  roots = lw_hierarchy_roots (self->hierarchy);
  for (guint i = 0; into->len == 0 && i < roots->len; i++)
    collect_subscriptions (self->hierarchy, g_ptr_array_index (roots, i), into, 0);

  return into;
}

static gboolean
read_by_subscription (Work *self, GError **error)
{
  LwClient *client = lw_session_get_client (self->session);
  g_autoptr (GPtrArray) subscriptions = visible_subscriptions (self);
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);

  self->states = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_policy_state_unref);
  for (guint i = 0; i < subscriptions->len; i++)
    g_ptr_array_add (futures, lw_client_list_states (client, g_ptr_array_index (subscriptions, i),
                                                     self->assignment->id));
  for (guint i = 0; i < futures->len; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (GPtrArray) some =
          dex_await_boxed (dex_ref (g_ptr_array_index (futures, i)), &local_error);

      for (guint j = 0; some && j < some->len; j++)
        g_ptr_array_add (self->states, lw_policy_state_ref (g_ptr_array_index (some, j)));
      if (!some && !is_hidden (local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (!some)
        g_ptr_array_add (self->unread, g_strdup (g_ptr_array_index (subscriptions, i)));
    }

  return TRUE;
}

static gboolean
read_states (Work *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  self->states =
      dex_await_boxed (lw_client_list_states (lw_session_get_client (self->session),
                                              self->assignment->scope, self->assignment->id),
                       &local_error);
  if (self->states)
    return TRUE;
  if (!is_hidden (local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  self->partial = TRUE;

  return read_by_subscription (self, error);
}

static gboolean
read_exemptions (Work *self, GError **error)
{
  LwClient *client = lw_session_get_client (self->session);
  g_autoptr (GDateTime) now = lw_session_now (self->session);
  g_autoptr (GPtrArray) all = dex_await_boxed (lw_client_list_all_exemptions (client), error);

  if (!all)
    return FALSE;

  self->exemptions = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);
  self->counts = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, NULL);
  for (guint i = 0; i < all->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (all, i);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, exemption->scope));

      g_hash_table_replace (self->counts, g_strdup (exemption->scope),
                            GUINT_TO_POINTER (count + 1));
      if (lw_arm_id_equal (exemption->assignment_id, self->assignment->id) &&
          (!exemption->expires || g_date_time_compare (exemption->expires, now) > 0))
        g_ptr_array_add (self->exemptions, lw_exemption_ref (exemption));
    }

  return TRUE;
}

/* --- asking the engine -------------------------------------------------------------------------- */

static void
add_scopes (LwNarrow *question,
            LwHierarchy *hierarchy,
            const char *id,
            const char *parent,
            guint depth)
{
  g_autoptr (GPtrArray) children = lw_hierarchy_children (hierarchy, id);

  lw_narrow_add_scope (question, id, parent);
  for (guint i = 0; depth < MAX_DEPTH && i < children->len; i++)
    add_scopes (question, hierarchy, g_ptr_array_index (children, i), id, depth + 1);
}

/* The management group above the subscription, as long as nobody read its tags. */
static const char *
team_of (Work *self, GHashTable *teams, const char *id)
{
  g_autofree char *subscription = lw_arm_id_subscription_scope (id);
  char *team;

  if (!subscription)
    return NULL;
  if (!(team = g_hash_table_lookup (teams, subscription)))
    {
      team = lw_portfolio_team (subscription, NULL, self->hierarchy, NULL, NULL);
      g_hash_table_insert (teams, g_steal_pointer (&subscription), team);
    }

  return team;
}

static const char *
known_location (const char *location)
{
  return location && g_ascii_strcasecmp (location, "tbd") != 0 ? location : NULL;
}

static void
add_states (Work *self, LwNarrow *question)
{
  g_autoptr (GHashTable) teams =
      g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, g_free);

  for (guint i = 0; i < self->states->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (self->states, i);
      const char *references[] = { state->reference_id, NULL };

      lw_narrow_add_resource (question, state->resource_id, state->resource_type,
                              known_location (state->resource_location),
                              self->hierarchy ? team_of (self, teams, state->resource_id) : NULL,
                              references);
    }
}

/* By which of the references asked for the resource is blocked; all of them where it passes them all. */
static void
add_need (Work *self, LwNarrow *question, const char *id)
{
  g_autoptr (GPtrArray) references = g_ptr_array_new ();

  for (guint i = 0; i < self->states->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (self->states, i);

      if (state->reference_id && *state->reference_id && state->compliance &&
          g_ascii_strcasecmp (state->compliance, "NonCompliant") == 0 &&
          lw_arm_id_equal (state->resource_id, id) &&
          (self->references->len == 0 || holds (self->references, state->reference_id)))
        g_ptr_array_add (references, state->reference_id);
    }
  for (guint i = 0; references->len == 0 && i < self->references->len; i++)
    g_ptr_array_add (references, g_ptr_array_index (self->references, i));
  g_ptr_array_add (references, NULL);
  lw_narrow_add_need (question, id, NULL, NULL, (const char *const *) references->pdata);
}

static void
add_exemptions (Work *self, LwNarrow *question)
{
  GHashTableIter iter;
  gpointer scope;
  gpointer count;

  for (guint i = 0; i < self->exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (self->exemptions, i);
      g_autoptr (GPtrArray) references = g_ptr_array_new ();

      g_ptr_array_extend (references, exemption->references, NULL, NULL);
      g_ptr_array_add (references, NULL);
      lw_narrow_add_exemption (
          question, exemption->id, exemption->scope, (const char *const *) references->pdata,
          lw_json_get_array (lw_json_get_object (exemption->json, "properties"),
                             "resourceSelectors"));
    }
  g_hash_table_iter_init (&iter, self->counts);
  while (g_hash_table_iter_next (&iter, &scope, &count))
    lw_narrow_set_exemption_count (question, scope, GPOINTER_TO_UINT (count));
}

static LwNarrow *
make_question (Work *self)
{
  LwNarrow *question = lw_narrow_new ();
  g_autoptr (GPtrArray) roots = NULL;

  lw_narrow_set_assignment (question, self->assignment->scope, self->assignment->enforcement_mode);
  for (guint i = 0; i < self->assignment->not_scopes->len; i++)
    lw_narrow_add_exclusion (question, g_ptr_array_index (self->assignment->not_scopes, i));
  if (self->hierarchy)
    {
      roots = lw_hierarchy_roots (self->hierarchy);
      for (guint i = 0; i < roots->len; i++)
        add_scopes (question, self->hierarchy, g_ptr_array_index (roots, i), NULL, 0);
    }
  if (self->partial)
    lw_narrow_set_partial (question);
  for (guint i = 0; i < self->unread->len; i++)
    lw_narrow_add_unread (question, g_ptr_array_index (self->unread, i));
  add_states (self, question);
  for (guint i = 0; i < self->resources->len; i++)
    add_need (self, question, g_ptr_array_index (self->resources, i));
  add_exemptions (self, question);

  return question;
}

/* --- what else there is to say ------------------------------------------------------------------ */

/* The strictest effect that stands in the way. */
static const char *
strictest_effect (Work *self)
{
  static const char *const order[] = { "disabled",   "audit",  "auditIfNotExists",
                                       "append",     "modify", "deployIfNotExists",
                                       "denyAction", "deny" };
  const char *strictest = NULL;
  int at = -1;

  for (guint i = 0; i < self->assignment->references->len; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (self->assignment->references, i);

      if (!reference->effect ||
          (self->references->len > 0 && !holds (self->references, reference->reference_id)))
        continue;
      for (guint j = 0; j < G_N_ELEMENTS (order); j++)
        if (g_ascii_strcasecmp (order[j], reference->effect) == 0 && (int) j > at)
          {
            at = (int) j;
            strictest = order[j];
          }
    }

  return strictest;
}

static gboolean
shares_references (Work *self, LwExemption *exemption)
{
  if (exemption->references->len == 0 || self->references->len == 0)
    return TRUE;
  for (guint i = 0; i < self->references->len; i++)
    if (holds (exemption->references, g_ptr_array_index (self->references, i)))
      return TRUE;

  return FALSE;
}

static int
count_failing (Work *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);

  for (guint i = 0; i < self->states->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (self->states, i);

      if (state->compliance && g_ascii_strcasecmp (state->compliance, "NonCompliant") == 0 &&
          (self->references->len == 0 ||
           holds (self->references, state->reference_id ? state->reference_id : "")))
        g_hash_table_add (seen, state->resource_id);
    }

  return (int) g_hash_table_size (seen);
}

static GPtrArray *
choose (Work *self, LwNarrowResult *result)
{
  LwChoiceFacts facts;

  lw_choice_facts_from_narrow (&facts, result);
  facts.effect = strictest_effect (self);
  facts.renewals = self->renewals;
  facts.failing = count_failing (self);
  facts.exemptions = 0;
  for (guint i = 0; i < self->exemptions->len; i++)
    facts.exemptions += shares_references (self, g_ptr_array_index (self->exemptions, i));

  return lw_choose (&facts);
}

/* Those that stand at, above or below something needed. */
static GPtrArray *
find_covering (Work *self)
{
  GPtrArray *covering = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);

  for (guint i = 0; i < self->exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (self->exemptions, i);
      gboolean near = FALSE;

      for (guint j = 0; j < self->resources->len && !near; j++)
        {
          const char *resource = g_ptr_array_index (self->resources, j);
          g_autofree char *group = lw_arm_id_resource_group_scope (resource);

          near = lw_hierarchy_contains (self->hierarchy, exemption->scope, resource) ||
                 (group && lw_arm_id_contains (group, exemption->scope));
        }
      if (near)
        g_ptr_array_add (covering, lw_exemption_ref (exemption));
    }

  return covering;
}

/* On a thread of its own: a tenant can be large. */
static DexFuture *
narrow_on_thread (gpointer data)
{
  Work *self = data;
  g_autoptr (LwNarrow) question = make_question (self);
  g_autoptr (LwNarrowing) narrowing = NULL;
  g_autoptr (GError) error = NULL;
  LwNarrowResult *result = lw_narrow_run (question, &error);

  if (!result)
    return dex_future_new_for_error (g_steal_pointer (&error));

  narrowing = g_atomic_rc_box_new0 (LwNarrowing);
  narrowing->result = result;
  narrowing->choices = choose (self, result);
  narrowing->covering = find_covering (self);
  narrowing->needed = self->resources->len;

  return dex_future_new_take_boxed (LW_TYPE_NARROWING, g_steal_pointer (&narrowing));
}

static DexFuture *
narrow_fiber (gpointer data)
{
  Work *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwNarrowing) narrowing = NULL;

  if (!read_states (self, &error) || !read_exemptions (self, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  /* The fiber waits, so what it holds lives on. */
  narrowing = dex_await_boxed (lw_thread_spawn (narrow_on_thread, self, NULL), &error);
  if (!narrowing)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_NARROWING, g_steal_pointer (&narrowing));
}

static DexFuture *
settle (DexFuture *future, gpointer user_data)
{
  DexPromise *promise = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);

  if (value)
    dex_promise_resolve (promise, value);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));

  return dex_ref (future);
}

static GPtrArray *
copy_texts (GPtrArray *texts)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < texts->len; i++)
    g_ptr_array_add (copy, g_strdup (g_ptr_array_index (texts, i)));

  return copy;
}

DexFuture *
lw_narrow_assignment (LwSession *self,
                      LwAssignment *assignment,
                      GPtrArray *resources,
                      GPtrArray *references,
                      int renewals)
{
  /* As with every verb: whoever loses interest cancels nothing (see lw_verb_run()). */
  DexPromise *promise;
  DexFuture *fiber;
  LwHierarchy *hierarchy;
  Work *work;

  g_return_val_if_fail (LW_IS_SESSION (self), NULL);
  g_return_val_if_fail (assignment != NULL && resources != NULL && references != NULL, NULL);

  work = g_new0 (Work, 1);
  work->session = g_object_ref (self);
  work->assignment = lw_assignment_ref (assignment);
  work->resources = copy_texts (resources);
  work->references = copy_texts (references);
  work->renewals = renewals;
  work->unread = g_ptr_array_new_with_free_func (g_free);
  hierarchy = lw_session_get_hierarchy (self);
  work->hierarchy = hierarchy ? lw_hierarchy_ref (hierarchy) : NULL;

  promise = dex_promise_new ();
  fiber = dex_scheduler_spawn (NULL, STACK_SIZE, narrow_fiber, work, work_free);
  dex_future_disown (dex_future_finally (fiber, settle, dex_ref (promise), dex_unref));

  return DEX_FUTURE (promise);
}
