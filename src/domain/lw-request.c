/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-json.h"
#include "lw-evidence.h"
#include "lw-request.h"

G_DEFINE_BOXED_TYPE (LwRequest, lw_request, lw_request_copy, lw_request_free)

static void
clear_object (JsonObject **object)
{
  g_clear_pointer (object, json_object_unref);
}

/* A new array that owns copies of the elements. */
static GPtrArray *
copy_array (GPtrArray *array, GCopyFunc copy, GDestroyNotify destroy)
{
  GPtrArray *result = g_ptr_array_new_full (array->len, destroy);

  for (guint i = 0; i < array->len; i++)
    g_ptr_array_add (result, copy (g_ptr_array_index (array, i), NULL));
  return result;
}

static gpointer
copy_string (gconstpointer text, gpointer unused)
{
  return g_strdup (text);
}

/* People */

LwPerson *
lw_person_new (const char *id, const char *name, const char *upn)
{
  LwPerson *self = g_new0 (LwPerson, 1);

  self->id = g_strdup (id);
  self->name = g_strdup (name);
  self->upn = g_strdup (upn);
  return self;
}

LwPerson *
lw_person_copy (const LwPerson *self)
{
  LwPerson *copy;

  if (self == NULL)
    return NULL;
  copy = lw_person_new (self->id, self->name, self->upn);
  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

void
lw_person_free (LwPerson *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->name);
  g_free (self->upn);
  clear_object (&self->rest);
  g_free (self);
}

gboolean
lw_person_equal (const LwPerson *a, const LwPerson *b)
{
  return a != NULL && b != NULL && a->id != NULL && b->id != NULL && a->id[0] != '\0' &&
         g_ascii_strcasecmp (a->id, b->id) == 0;
}

/* Policy snapshots */

LwPolicySnapshot *
lw_policy_snapshot_new (void)
{
  LwPolicySnapshot *self = g_new0 (LwPolicySnapshot, 1);

  self->effects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

LwPolicySnapshot *
lw_policy_snapshot_copy (const LwPolicySnapshot *self)
{
  LwPolicySnapshot *copy;
  GHashTableIter iter;
  gpointer reference;
  gpointer effect;

  if (self == NULL)
    return NULL;
  copy = lw_policy_snapshot_new ();
  copy->instance_id = g_strdup (self->instance_id);
  copy->definition = g_strdup (self->definition);
  copy->version = g_strdup (self->version);
  copy->enforcement_mode = g_strdup (self->enforcement_mode);
  g_hash_table_iter_init (&iter, self->effects);
  while (g_hash_table_iter_next (&iter, &reference, &effect))
    g_hash_table_insert (copy->effects, g_strdup (reference), g_strdup (effect));
  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

void
lw_policy_snapshot_free (LwPolicySnapshot *self)
{
  if (self == NULL)
    return;
  g_free (self->instance_id);
  g_free (self->definition);
  g_free (self->version);
  g_free (self->enforcement_mode);
  g_hash_table_unref (self->effects);
  clear_object (&self->rest);
  g_free (self);
}

static gboolean
same_or_unknown (const char *a, const char *b)
{
  return a == NULL || b == NULL || a[0] == '\0' || b[0] == '\0' || g_ascii_strcasecmp (a, b) == 0;
}

gboolean
lw_policy_snapshot_equal (const LwPolicySnapshot *a, const LwPolicySnapshot *b)
{
  GHashTableIter iter;
  gpointer reference;
  gpointer effect;

  g_return_val_if_fail (a != NULL && b != NULL, a == b);

  if (!same_or_unknown (a->instance_id, b->instance_id) ||
      !same_or_unknown (a->definition, b->definition) ||
      !same_or_unknown (a->version, b->version) ||
      !same_or_unknown (a->enforcement_mode, b->enforcement_mode))
    return FALSE;
  g_hash_table_iter_init (&iter, a->effects);
  while (g_hash_table_iter_next (&iter, &reference, &effect))
    if (!same_or_unknown (effect, g_hash_table_lookup (b->effects, reference)))
      return FALSE;
  return TRUE;
}

/* Grants */

LwGrant *
lw_grant_new (guint n)
{
  LwGrant *self = g_new0 (LwGrant, 1);

  self->n = n;
  self->references = g_ptr_array_new_with_free_func (g_free);
  self->selectors = json_array_new ();
  return self;
}

LwGrant *
lw_grant_copy (const LwGrant *self)
{
  LwGrant *copy;

  if (self == NULL)
    return NULL;
  copy = g_new0 (LwGrant, 1);
  copy->n = self->n;
  copy->assignment = g_strdup (self->assignment);
  copy->policy_name = g_strdup (self->policy_name);
  copy->references = copy_array (self->references, copy_string, g_free);
  copy->scope = g_strdup (self->scope);
  copy->selectors = lw_json_array_copy (self->selectors);
  copy->why = g_strdup (self->why);
  copy->renews = g_strdup (self->renews);
  copy->policy = lw_policy_snapshot_copy (self->policy);
  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

void
lw_grant_free (LwGrant *self)
{
  if (self == NULL)
    return;
  g_free (self->assignment);
  g_free (self->policy_name);
  g_ptr_array_unref (self->references);
  g_free (self->scope);
  json_array_unref (self->selectors);
  g_free (self->why);
  g_free (self->renews);
  lw_policy_snapshot_free (self->policy);
  clear_object (&self->rest);
  g_free (self);
}

/* Reason, remediation, evidence */

static LwReason *
reason_copy (const LwReason *self)
{
  LwReason *copy = g_new0 (LwReason, 1);

  copy->blocker = g_strdup (self->blocker);
  copy->control = g_strdup (self->control);
  copy->impractical = g_strdup (self->impractical);
  copy->end_state = g_strdup (self->end_state);
  copy->end_state_by = g_strdup (self->end_state_by);
  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

static void
reason_free (LwReason *self)
{
  g_free (self->blocker);
  g_free (self->control);
  g_free (self->impractical);
  g_free (self->end_state);
  g_free (self->end_state_by);
  clear_object (&self->rest);
  g_free (self);
}

LwRemediation *
lw_remediation_new (const char *step, const char *by, const char *link)
{
  LwRemediation *self = g_new0 (LwRemediation, 1);

  self->step = g_strdup (step);
  self->by = g_strdup (by);
  self->link = g_strdup (link);
  return self;
}

static gpointer
remediation_copy (gconstpointer data, gpointer unused)
{
  const LwRemediation *self = data;
  LwRemediation *copy = lw_remediation_new (self->step, self->by, self->link);

  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

void
lw_remediation_free (LwRemediation *self)
{
  if (self == NULL)
    return;
  g_free (self->step);
  g_free (self->by);
  g_free (self->link);
  clear_object (&self->rest);
  g_free (self);
}

LwEvidence *
lw_evidence_new_link (const char *link)
{
  LwEvidence *self = g_new0 (LwEvidence, 1);

  self->link = g_strdup (link);
  return self;
}

LwEvidence *
lw_evidence_copy (const LwEvidence *self)
{
  LwEvidence *copy = g_new0 (LwEvidence, 1);

  copy->sha256 = g_strdup (self->sha256);
  copy->name = g_strdup (self->name);
  copy->size = self->size;
  copy->media_type = g_strdup (self->media_type);
  copy->link = g_strdup (self->link);
  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

static gpointer
evidence_copy (gconstpointer data, gpointer unused)
{
  return lw_evidence_copy (data);
}

void
lw_evidence_free (LwEvidence *self)
{
  if (self == NULL)
    return;
  g_free (self->sha256);
  g_free (self->name);
  g_free (self->media_type);
  g_free (self->link);
  clear_object (&self->rest);
  g_free (self);
}

/* Controls */

const char *const *
lw_control_kinds (void)
{
  static const char *const kinds[] = {
    "network-boundary", "access-restriction", "monitoring", "manual-review",
    "reduced-exposure", "data-handling",      "other",      NULL
  };

  return kinds;
}

LwControl *
lw_control_new (const char *kind)
{
  LwControl *self = g_new0 (LwControl, 1);

  self->kind = g_strdup (kind);
  self->evidence = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);
  return self;
}

LwControl *
lw_control_copy (const LwControl *self)
{
  LwControl *copy;

  if (self == NULL)
    return NULL;
  copy = g_new0 (LwControl, 1);
  copy->kind = g_strdup (self->kind);
  copy->objective = g_strdup (self->objective);
  copy->definition = g_strdup (self->definition);
  copy->residual_risk = g_strdup (self->residual_risk);
  copy->validation = g_strdup (self->validation);
  copy->maintenance = g_strdup (self->maintenance);
  copy->evidence = copy_array (self->evidence, evidence_copy, (GDestroyNotify) lw_evidence_free);
  copy->checked_by = lw_person_copy (self->checked_by);
  copy->next_check = g_strdup (self->next_check);
  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

void
lw_control_free (LwControl *self)
{
  if (self == NULL)
    return;
  g_free (self->kind);
  g_free (self->objective);
  g_free (self->definition);
  g_free (self->residual_risk);
  g_free (self->validation);
  g_free (self->maintenance);
  g_ptr_array_unref (self->evidence);
  lw_person_free (self->checked_by);
  g_free (self->next_check);
  clear_object (&self->rest);
  g_free (self);
}

/* Requests */

LwRequest *
lw_request_new (const char *id)
{
  LwRequest *self = g_new0 (LwRequest, 1);

  self->id = id != NULL ? g_strdup (id) : lw_uuid_v7 (g_get_real_time () / 1000);
  self->reason = g_new0 (LwReason, 1);
  self->grants = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_grant_free);
  self->remediation = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_remediation_free);
  self->controls = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_control_free);
  self->evidence = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);
  return self;
}

LwRequest *
lw_request_copy (const LwRequest *self)
{
  LwRequest *copy;

  if (self == NULL)
    return NULL;
  copy = g_new0 (LwRequest, 1);
  copy->id = g_strdup (self->id);
  copy->title = g_strdup (self->title);
  copy->category = g_strdup (self->category);
  copy->requester = lw_person_copy (self->requester);
  copy->grants =
      copy_array (self->grants, (GCopyFunc) lw_grant_copy, (GDestroyNotify) lw_grant_free);
  copy->reason = reason_copy (self->reason);
  copy->owner = lw_person_copy (self->owner);
  copy->expires = g_strdup (self->expires);
  copy->remediation =
      copy_array (self->remediation, remediation_copy, (GDestroyNotify) lw_remediation_free);
  copy->controls =
      copy_array (self->controls, (GCopyFunc) lw_control_copy, (GDestroyNotify) lw_control_free);
  copy->evidence = copy_array (self->evidence, evidence_copy, (GDestroyNotify) lw_evidence_free);
  copy->ticket = g_strdup (self->ticket);
  copy->renews_request = g_strdup (self->renews_request);
  copy->renews_what_changed = g_strdup (self->renews_what_changed);
  copy->emergency = self->emergency;
  copy->rest = lw_json_object_copy (self->rest);
  return copy;
}

void
lw_request_free (LwRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->title);
  g_free (self->category);
  lw_person_free (self->requester);
  g_ptr_array_unref (self->grants);
  reason_free (self->reason);
  lw_person_free (self->owner);
  g_free (self->expires);
  g_ptr_array_unref (self->remediation);
  g_ptr_array_unref (self->controls);
  g_ptr_array_unref (self->evidence);
  g_free (self->ticket);
  g_free (self->renews_request);
  g_free (self->renews_what_changed);
  clear_object (&self->rest);
  g_free (self);
}

LwGrant *
lw_request_get_grant (const LwRequest *self, guint n)
{
  for (guint i = 0; i < self->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->grants, i);

      if (grant->n == n)
        return grant;
    }
  return NULL;
}

guint
lw_request_next_grant_number (const LwRequest *self)
{
  guint highest = 0;

  for (guint i = 0; i < self->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->grants, i);

      highest = MAX (highest, grant->n);
    }
  return highest + 1;
}
