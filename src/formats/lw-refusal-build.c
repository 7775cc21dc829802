/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts together what the scanner finds, in the order of the text. */

#include "lw-refusal-private.h"

#include <string.h>

struct _LwRefusalBuilder
{
  LwRefusalText *text;
  LwRefusal *current;      /* (nullable) (unowned) */
  LwRefusedPolicy *policy; /* (nullable) (unowned): being read, of the current refusal */
  GHashTable *seen;        /* keys of ids in the lists */
  GHashTable *by_name;     /* folded name → LwRefusal */
  gboolean fresh;          /* a code was read, and nothing that belongs to it */
  guint depth;             /* of objects */
  guint policy_depth;      /* of the one that holds the policy */
  char *subscription;      /* scopes that were named on the way */
  char *group;
  char *group_name;
  char *type;     /* said of what is done, not by Azure */
  char *location; /* the same */
  gboolean full;
};

static LwRefusalText *
text_new (void)
{
  LwRefusalText *self = g_new0 (LwRefusalText, 1);

  self->refusals = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_refusal_free);
  self->assignments = g_ptr_array_new_with_free_func (g_free);
  self->definitions = g_ptr_array_new_with_free_func (g_free);
  self->exemptions = g_ptr_array_new_with_free_func (g_free);
  self->scopes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

LwRefusalBuilder *
lw_refusal_builder_new (void)
{
  LwRefusalBuilder *self = g_new0 (LwRefusalBuilder, 1);

  self->text = text_new ();
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

char **
lw_refused_policy_field (LwRefusedPolicy *policy, LwRefusedField field)
{
  char **const fields[LW_REFUSED_N_FIELDS] = {
    &policy->assignment, &policy->assignment_name, &policy->definition, &policy->definition_name,
    &policy->set,        &policy->set_name,        &policy->reference,  &policy->effect,
  };

  return fields[field];
}

static void
set_once (char **field, const char *value)
{
  if (*field == NULL && value != NULL && value[0] != '\0')
    *field = g_strdup (value);
}

/* --- refusals ---------------------------------------------------------------------------------------- */

static gboolean
begin (LwRefusalBuilder *self)
{
  if (self->text->refusals->len >= LW_REFUSAL_MAX_ITEMS)
    {
      self->full = TRUE;
      return FALSE;
    }
  self->current = lw_refusal_new ();
  g_ptr_array_add (self->text->refusals, self->current);
  set_once (&self->current->subscription, self->subscription);
  set_once (&self->current->group, self->group);
  set_once (&self->current->group_name, self->group_name);
  self->policy = NULL;
  return TRUE;
}

void
lw_refusal_builder_code (LwRefusalBuilder *self)
{
  self->text->is_refusal = TRUE;
  self->fresh = TRUE;
  self->policy = NULL;
}

/* "parent/child" and "child" may be the same, and so may an id and its name. */
static const char *
last_name (const char *name)
{
  const char *slash = strrchr (name, '/');

  return slash != NULL ? slash + 1 : name;
}

void
lw_refusal_builder_resource (LwRefusalBuilder *self, const char *name, const char *type)
{
  g_autofree char *key = g_utf8_casefold (last_name (name), -1);
  LwRefusal *known = g_hash_table_lookup (self->by_name, key);

  if (name[0] == '\0')
    return;
  self->text->is_refusal = TRUE;
  if (known != NULL && known->type != NULL && type != NULL &&
      g_ascii_strcasecmp (known->type, type) != 0)
    known = NULL;
  if (known != NULL)
    {
      if (known != self->current)
        self->policy = NULL;
      self->current = known;
    }
  else if (self->current == NULL || self->current->name != NULL)
    {
      if (!begin (self))
        return;
    }
  if (self->current->name == NULL || strlen (self->current->name) < strlen (name))
    g_set_str (&self->current->name, name);
  if (type != NULL)
    set_once (&self->current->type, type);
  g_hash_table_replace (self->by_name, g_steal_pointer (&key), self->current);
  self->fresh = FALSE;
}

void
lw_refusal_builder_target (LwRefusalBuilder *self, const char *target)
{
  g_autofree char *id = NULL;

  if (!self->fresh || target[0] == '\0')
    return;
  if (lw_refusal_id (target, &id) == LW_REFUSAL_ID_RESOURCE)
    lw_refusal_builder_resource (self, last_name (id), NULL);
  else if (target[0] != '/')
    lw_refusal_builder_resource (self, target, NULL);
}

void
lw_refusal_builder_message (LwRefusalBuilder *self, const char *message)
{
  if (self->current == NULL && !begin (self))
    return;
  /* the longer of two: one of them may be cut */
  if (self->current->message == NULL || strlen (self->current->message) < strlen (message))
    g_set_str (&self->current->message, message);
}

void
lw_refusal_builder_type (LwRefusalBuilder *self, const char *type, gboolean sure)
{
  if (type == NULL || !lw_refusal_is_type (type))
    return;
  if (!sure || self->current == NULL || self->fresh)
    g_set_str (&self->type, type);
  else
    set_once (&self->current->type, type);
}

void
lw_refusal_builder_location (LwRefusalBuilder *self, const char *location, gboolean sure)
{
  g_autofree char *folded = NULL;
  char *to;

  if (!lw_refusal_is_location (location))
    return;
  /* "West Europe" is "westeurope" */
  folded = g_ascii_strdown (location, -1);
  to = folded;
  for (const char *from = folded; *from != '\0'; from++)
    if (*from != ' ')
      *to++ = *from;
  *to = '\0';
  if (!sure || self->current == NULL || self->fresh)
    g_set_str (&self->location, folded);
  else
    set_once (&self->current->location, folded);
}

void
lw_refusal_builder_group (LwRefusalBuilder *self, const char *name)
{
  if (name[0] == '\0' || strlen (name) > 90 || strpbrk (name, "/\\?#%&<>\"'$") != NULL)
    return;
  g_set_str (&self->group_name, name);
  g_clear_pointer (&self->group, g_free);
}

void
lw_refusal_builder_subscription (LwRefusalBuilder *self, const char *guid)
{
  if (g_uuid_string_is_valid (guid))
    {
      g_free (self->subscription);
      self->subscription = g_strconcat ("/subscriptions/", guid, NULL);
      g_clear_pointer (&self->group, g_free);
    }
}

/* --- ids --------------------------------------------------------------------------------------------- */

static void
note_scope (LwRefusalBuilder *self, const char *id)
{
  g_autofree char *subscription = lw_arm_id_subscription_scope (id);
  g_autofree char *group = lw_arm_id_resource_group_scope (id);

  if (subscription == NULL)
    return;
  if (self->current != NULL && self->current->group == NULL && group != NULL)
    {
      set_once (&self->current->group, group);
      set_once (&self->current->subscription, subscription);
    }
  g_set_str (&self->subscription, subscription);
  if (group != NULL)
    {
      g_set_str (&self->group, group);
      g_clear_pointer (&self->group_name, g_free);
    }
}

static void
add_once (LwRefusalBuilder *self, GPtrArray *list, const char *id)
{
  g_autofree char *key = lw_arm_id_key (id);

  if (g_hash_table_contains (self->seen, key))
    return;
  if (list->len >= LW_REFUSAL_MAX_ITEMS)
    {
      self->full = TRUE;
      return;
    }
  g_hash_table_add (self->seen, g_steal_pointer (&key));
  g_ptr_array_add (list, g_strdup (id));
}

void
lw_refusal_builder_id (LwRefusalBuilder *self, LwRefusalIdKind kind, const char *id)
{
  switch (kind)
    {
    case LW_REFUSAL_ID_ASSIGNMENT:
      add_once (self, self->text->assignments, id);
      break;
    case LW_REFUSAL_ID_DEFINITION:
    case LW_REFUSAL_ID_SET:
      add_once (self, self->text->definitions, id);
      break;
    case LW_REFUSAL_ID_EXEMPTION:
      add_once (self, self->text->exemptions, id);
      break;
    case LW_REFUSAL_ID_RESOURCE:
    case LW_REFUSAL_ID_SCOPE:
      add_once (self, self->text->scopes, id);
      note_scope (self, id);
      break;
    case LW_REFUSAL_ID_CONTEXT:
      note_scope (self, id);
      break;
    case LW_REFUSAL_ID_NONE:
    default:
      break;
    }
}

/* --- policies ------------------------------------------------------------------------------------------ */

static gboolean
begin_policy (LwRefusalBuilder *self)
{
  if (self->current == NULL && !begin (self))
    return FALSE;
  if (self->current->policies->len >= LW_REFUSAL_MAX_POLICIES)
    {
      self->full = TRUE;
      return FALSE;
    }
  self->policy = lw_refused_policy_new ();
  self->policy_depth = self->depth;
  g_ptr_array_add (self->current->policies, self->policy);
  return TRUE;
}

void
lw_refusal_builder_policy (LwRefusalBuilder *self,
                           LwRefusedField field,
                           const char *value,
                           gboolean is_start)
{
  char **slot;

  if (self->policy == NULL || is_start ||
      (value != NULL && *lw_refused_policy_field (self->policy, field) != NULL))
    {
      if (!begin_policy (self))
        return;
    }
  slot = lw_refused_policy_field (self->policy, field);
  set_once (slot, value);
}

void
lw_refusal_builder_object (LwRefusalBuilder *self, gboolean opens)
{
  if (opens)
    self->depth++;
  else if (self->depth > 0)
    self->depth--;
  if (self->depth < self->policy_depth)
    self->policy = NULL;
}

void
lw_refusal_builder_truncated (LwRefusalBuilder *self)
{
  self->text->truncated = TRUE;
}

/* --- what belongs together ------------------------------------------------------------------------------ */

static gboolean
differ (const char *a, const char *b)
{
  return a != NULL && b != NULL && g_ascii_strcasecmp (a, b) != 0;
}

/* Whether both may be the same policy, of which each says a part. */
static gboolean
policies_agree (LwRefusedPolicy *a, LwRefusedPolicy *b)
{
  gboolean common = (a->assignment != NULL && b->assignment != NULL) ||
                    (a->definition != NULL && b->definition != NULL);

  return common && !differ (a->assignment, b->assignment) &&
         !differ (a->definition, b->definition) && !differ (a->set, b->set) &&
         !differ (a->reference, b->reference);
}

static void
merge_policies (LwRefusal *refusal)
{
  GPtrArray *policies = refusal->policies;

  for (guint i = 0; i < policies->len; i++)
    {
      LwRefusedPolicy *kept = g_ptr_array_index (policies, i);

      for (guint j = i + 1; j < policies->len;)
        {
          LwRefusedPolicy *other = g_ptr_array_index (policies, j);

          if (!policies_agree (kept, other))
            {
              j++;
              continue;
            }
          for (guint f = 0; f < LW_REFUSED_N_FIELDS; f++)
            set_once (lw_refused_policy_field (kept, f), *lw_refused_policy_field (other, f));
          g_ptr_array_remove_index (policies, j);
        }
    }
  /* a block that said nothing */
  for (guint i = policies->len; i-- > 0;)
    {
      LwRefusedPolicy *policy = g_ptr_array_index (policies, i);

      if (policy->assignment == NULL && policy->definition == NULL && policy->reference == NULL &&
          policy->assignment_name == NULL && policy->definition_name == NULL)
        g_ptr_array_remove_index (policies, i);
    }
}

static gboolean
names_match (const char *id, const char *name)
{
  g_autofree char *last = lw_arm_id_name (id);

  return g_ascii_strcasecmp (last, last_name (name)) == 0;
}

/* The resource's own id, where the text gives it. */
static void
find_id (LwRefusalText *text, LwRefusal *refusal, guint n_resources)
{
  for (guint i = 0; i < text->scopes->len && refusal->resource == NULL; i++)
    {
      const char *id = g_ptr_array_index (text->scopes, i);
      g_autofree char *type = NULL;

      if (refusal->name != NULL ? !names_match (id, refusal->name) : n_resources != 1)
        continue;
      type = lw_arm_id_resource_type (id);
      if (lw_scope_kind (id) == LW_SCOPE_RESOURCE && !differ (type, refusal->type))
        refusal->resource = g_strdup (id);
    }
  if (refusal->resource == NULL)
    return;
  g_clear_pointer (&refusal->subscription, g_free);
  g_clear_pointer (&refusal->group, g_free);
  refusal->subscription = lw_arm_id_subscription_scope (refusal->resource);
  refusal->group = lw_arm_id_resource_group_scope (refusal->resource);
  g_set_str (&refusal->type, NULL);
  refusal->type = lw_arm_id_resource_type (refusal->resource);
  if (refusal->name == NULL)
    refusal->name = lw_arm_id_name (refusal->resource);
}

/* Where it lies, by what else the text says: an assignment holds what it refuses. */
static void
find_scope (LwRefusalBuilder *self, LwRefusal *refusal)
{
  for (guint i = 0; i < refusal->policies->len; i++)
    {
      LwRefusedPolicy *policy = g_ptr_array_index (refusal->policies, i);

      if (policy->assignment != NULL && refusal->subscription == NULL)
        refusal->subscription = lw_arm_id_subscription_scope (policy->assignment);
      if (policy->assignment != NULL && refusal->group == NULL)
        refusal->group = lw_arm_id_resource_group_scope (policy->assignment);
    }
  set_once (&refusal->subscription, self->subscription);
  if (refusal->group == NULL && refusal->group_name == NULL)
    {
      set_once (&refusal->group, self->group);
      set_once (&refusal->group_name, self->group_name);
    }
  if (refusal->group != NULL && refusal->subscription != NULL &&
      !lw_arm_id_contains (refusal->subscription, refusal->group))
    g_clear_pointer (&refusal->group, g_free);
  if (refusal->group == NULL && refusal->subscription != NULL && refusal->group_name != NULL)
    refusal->group =
        g_strdup_printf ("%s/resourceGroups/%s", refusal->subscription, refusal->group_name);
  if (refusal->group != NULL)
    {
      g_free (refusal->group_name);
      refusal->group_name = lw_arm_id_name (refusal->group);
      if (refusal->subscription == NULL)
        refusal->subscription = lw_arm_id_subscription_scope (refusal->group);
    }
}

/* "{group}/providers/Microsoft.Storage/storageAccounts/st1[/type/name…]" of its parts. */
static void
derive_id (LwRefusal *refusal)
{
  g_auto (GStrv) types = NULL;
  g_auto (GStrv) names = NULL;
  g_autoptr (GString) id = NULL;

  if (refusal->resource != NULL || refusal->group == NULL || refusal->name == NULL ||
      refusal->type == NULL || !lw_refusal_is_type (refusal->type) ||
      g_str_has_prefix (refusal->type, "Microsoft.Resources/"))
    return;
  types = g_strsplit (refusal->type, "/", -1);
  names = g_strsplit (refusal->name, "/", -1);
  if (g_strv_length (types) != g_strv_length (names) + 1 || strpbrk (refusal->name, "?#\\") != NULL)
    return;
  id = g_string_new (refusal->group);
  g_string_append_printf (id, "/providers/%s", types[0]);
  for (guint i = 0; names[i] != NULL; i++)
    g_string_append_printf (id, "/%s/%s", types[i + 1], names[i]);
  if (lw_scope_kind (id->str) != LW_SCOPE_RESOURCE)
    return;
  refusal->resource = g_string_free_and_steal (g_steal_pointer (&id));
  refusal->derived = TRUE;
}

/* Ids alone: each resource, with each assignment. */
static void
refusals_of_ids (LwRefusalBuilder *self)
{
  LwRefusalText *text = self->text;

  for (guint i = 0; i < text->scopes->len && text->refusals->len < LW_REFUSAL_MAX_ITEMS; i++)
    {
      const char *id = g_ptr_array_index (text->scopes, i);
      LwRefusal *refusal = lw_refusal_new ();

      refusal->resource = g_strdup (id);
      refusal->name = lw_arm_id_name (id);
      refusal->type = lw_scope_kind (id) == LW_SCOPE_RESOURCE ? lw_arm_id_resource_type (id) : NULL;
      refusal->subscription = lw_arm_id_subscription_scope (id);
      refusal->group = lw_arm_id_resource_group_scope (id);
      if (refusal->group != NULL)
        refusal->group_name = lw_arm_id_name (refusal->group);
      g_ptr_array_add (text->refusals, refusal);
    }
  if (text->refusals->len == 0 && text->assignments->len > 0)
    g_ptr_array_add (text->refusals, lw_refusal_new ());
  for (guint i = 0; i < text->refusals->len; i++)
    for (guint j = 0; j < text->assignments->len && j < 10; j++)
      {
        LwRefusal *refusal = g_ptr_array_index (text->refusals, i);
        LwRefusedPolicy *policy = lw_refused_policy_new ();

        policy->assignment = g_strdup (g_ptr_array_index (text->assignments, j));
        g_ptr_array_add (refusal->policies, policy);
      }
}

static gboolean
says_nothing (LwRefusal *refusal)
{
  return refusal->name == NULL && refusal->policies->len == 0 && refusal->message == NULL;
}

LwRefusalText *
lw_refusal_builder_finish (LwRefusalBuilder *self, gboolean shortened)
{
  LwRefusalText *text = self->text;
  guint n_resources = 0;

  for (guint i = 0; i < text->scopes->len; i++)
    n_resources += lw_scope_kind (g_ptr_array_index (text->scopes, i)) == LW_SCOPE_RESOURCE;
  for (guint i = text->refusals->len; i-- > 0;)
    if (says_nothing (g_ptr_array_index (text->refusals, i)))
      g_ptr_array_remove_index (text->refusals, i);
  for (guint i = 0; i < text->refusals->len; i++)
    {
      LwRefusal *refusal = g_ptr_array_index (text->refusals, i);

      merge_policies (refusal);
      find_id (text, refusal, n_resources);
      find_scope (self, refusal);
      if (refusal->type == NULL && text->refusals->len == 1)
        set_once (&refusal->type, self->type);
      set_once (&refusal->location, self->location);
      derive_id (refusal);
    }
  if (text->refusals->len == 0)
    refusals_of_ids (self);
  text->shortened = shortened || self->full;

  g_hash_table_unref (self->seen);
  g_hash_table_unref (self->by_name);
  g_free (self->subscription);
  g_free (self->group);
  g_free (self->group_name);
  g_free (self->type);
  g_free (self->location);
  g_free (self);
  return text;
}
