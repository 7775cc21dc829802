/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-policy-private.h"
#include "lw-policy.h"

G_DEFINE_BOXED_TYPE (LwExemption, lw_exemption, lw_exemption_ref, lw_exemption_unref)

static GDateTime *
instant (JsonObject *object, const char *member)
{
  const char *text = lw_json_get_string (object, member);

  return text != NULL ? lw_instant_parse (text, NULL) : NULL;
}

static void
read_metadata (LwExemption *self, JsonObject *metadata)
{
  JsonObject *leeway = lw_json_get_object (metadata, "leeway");
  const char *owner = lw_json_get_string (lw_json_get_object (leeway, "owner"), "upn");

  self->requested_by = g_strdup (lw_json_get_string (metadata, "requestedBy"));
  self->approved_by = g_strdup (lw_json_get_string (metadata, "approvedBy"));
  self->ticket = g_strdup (lw_json_get_string (metadata, "ticketRef"));
  self->owner = lw_text_or (owner, lw_json_get_string (metadata, "owner"));
  self->request_id = g_strdup (lw_json_get_string (leeway, "request"));
  self->digest = g_strdup (lw_json_get_string (leeway, "digest"));
  self->first_granted = instant (leeway, "firstGranted");
  if (self->first_granted == NULL && self->created != NULL)
    self->first_granted = g_date_time_ref (self->created);
}

LwExemption *
lw_exemption_from_json (JsonNode *node, GError **error)
{
  JsonObject *object = lw_azure_object (node, _ ("policy exemption"), "id", error);
  LwExemption *self;
  JsonObject *properties;
  JsonObject *system;

  if (object == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (LwExemption);
  self->json = lw_json_object_copy (object);
  properties = lw_json_get_object (object, "properties");
  system = lw_json_get_object (object, "systemData");
  self->id = lw_arm_id_normalize (lw_json_get_string (object, "id"));
  self->name = lw_name_of (object, self->id);
  if (!lw_arm_id_split (self->id, LW_EXEMPTIONS_TYPE, &self->scope, NULL))
    self->scope = g_strdup ("");
  self->display_name = lw_text_or (lw_json_get_string (properties, "displayName"), self->name);
  self->description = g_strdup (lw_json_get_string (properties, "description"));
  self->category = lw_text_or (lw_json_get_string (properties, "exemptionCategory"), "");
  self->expires = instant (properties, "expiresOn");
  self->assignment_id = lw_arm_id_normalize (lw_json_get_string (properties, "policyAssignmentId"));
  self->references = g_ptr_array_new_with_free_func (g_free);
  lw_strings_append (self->references,
                     lw_json_get_array (properties, "policyDefinitionReferenceIds"));
  self->created = instant (system, "createdAt");
  self->modified = instant (system, "lastModifiedAt");
  self->created_by = g_strdup (lw_json_get_string (system, "createdBy"));
  read_metadata (self, lw_json_get_object (properties, "metadata"));
  return self;
}

LwExemption *
lw_exemption_ref (LwExemption *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
exemption_clear (gpointer data)
{
  LwExemption *self = data;

  g_free (self->id);
  g_free (self->scope);
  g_free (self->name);
  g_free (self->display_name);
  g_free (self->description);
  g_free (self->category);
  g_clear_pointer (&self->expires, g_date_time_unref);
  g_free (self->assignment_id);
  g_ptr_array_unref (self->references);
  g_clear_pointer (&self->created, g_date_time_unref);
  g_clear_pointer (&self->modified, g_date_time_unref);
  g_free (self->created_by);
  g_free (self->requested_by);
  g_free (self->approved_by);
  g_free (self->ticket);
  g_free (self->owner);
  g_free (self->request_id);
  g_free (self->digest);
  g_clear_pointer (&self->first_granted, g_date_time_unref);
  json_object_unref (self->json);
}

void
lw_exemption_unref (LwExemption *self)
{
  g_atomic_rc_box_release_full (self, exemption_clear);
}

JsonNode *
lw_exemption_to_json (LwExemption *self)
{
  return lw_json_object_to_node (self->json);
}
