/* SPDX-License-Identifier: GPL-3.0-or-later */

/* More exemptions, for load: the same ones at every start. */

#include "lw-demo-json.h"
#include "lw-demo-tenant.h"

#define SEED 20261124

static LwDemoNode *
pick_resource (LwDemoTenant *self, LwDemoPolicy *assignment, GRand *rand)
{
  for (guint tries = 0; tries < 64; tries++)
    {
      LwDemoNode *node = g_ptr_array_index (
          self->resources, g_rand_int_range (rand, 0, (gint32) self->resources->len));

      if (lw_demo_assignment_covers (assignment, node))
        return node;
    }

  return NULL;
}

static const char *
pick_reference (LwDemoTenant *self, LwDemoPolicy *assignment, GRand *rand)
{
  const char *id = lw_demo_json_string (assignment->properties, "policyDefinitionId");
  LwDemoPolicy *set = id != NULL ? lw_demo_tenant_get_policy (self, id) : NULL;
  JsonArray *members =
      set != NULL ? lw_demo_json_array (set->properties, "policyDefinitions") : NULL;
  guint n = members != NULL ? json_array_get_length (members) : 0;

  return n > 0 ? lw_demo_json_string (
                     lw_demo_json_object_at (members, g_rand_int_range (rand, 0, (gint32) n)),
                     "policyDefinitionReferenceId")
               : NULL;
}

static JsonObject *
grown_properties (LwDemoTenant *self,
                  LwDemoPolicy *assignment,
                  LwDemoNode *node,
                  guint i,
                  GRand *rand)
{
  JsonObject *properties = json_object_new ();
  JsonObject *metadata = json_object_new ();
  const char *reference = pick_reference (self, assignment, rand);
  LwDemoPerson *person =
      g_ptr_array_index (self->people, g_rand_int_range (rand, 0, (gint32) self->people->len));
  g_autofree char *name = g_strdup_printf ("Load exemption %u for %s", i, node->name);
  g_autofree char *ticket = g_strdup_printf ("CHG%07u", i);
  int days = g_rand_int_range (rand, -40, 365);

  json_object_set_string_member (properties, "policyAssignmentId", assignment->id);
  if (reference != NULL && i % 20 != 0)
    {
      JsonArray *references = json_array_new ();

      json_array_add_string_element (references, reference);
      json_object_set_array_member (properties, "policyDefinitionReferenceIds", references);
    }
  json_object_set_string_member (properties, "exemptionCategory",
                                 i % 3 == 0 ? "Mitigated" : "Waiver");
  json_object_set_string_member (properties, "displayName", name);
  json_object_set_string_member (properties, "description",
                                 "The service behind it is being moved to a private endpoint.");
  if (i % 12 != 0)
    {
      g_autofree char *ends =
          lw_demo_stamp_seconds (self->started + (gint64) days * 24 * 3600 * G_USEC_PER_SEC);

      json_object_set_string_member (properties, "expiresOn", ends);
    }
  if (i % 5 != 0 && person->upn != NULL)
    json_object_set_string_member (metadata, "owner", person->upn);
  json_object_set_string_member (metadata, "ticketRef", ticket);
  json_object_set_object_member (properties, "metadata", metadata);

  return properties;
}

void
lw_demo_tenant_grow_exemptions (LwDemoTenant *self, guint count)
{
  GPtrArray *assignments = self->by_kind[LW_DEMO_ASSIGNMENT];
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  for (guint i = 1; i <= count && assignments->len > 0 && self->resources->len > 0; i++)
    {
      LwDemoPolicy *assignment =
          g_ptr_array_index (assignments, g_rand_int_range (rand, 0, (gint32) assignments->len));
      LwDemoNode *node = pick_resource (self, assignment, rand);
      g_autoptr (JsonObject) properties = NULL;
      g_autoptr (JsonObject) system = json_object_new ();
      g_autofree char *name = g_strdup_printf ("load-%07u", i);
      g_autofree char *stamp = NULL;

      if (node == NULL)
        {
          assignment = g_ptr_array_index (assignments, 0);
          node = pick_resource (self, assignment, rand);
        }
      if (node == NULL)
        continue;
      properties = grown_properties (self, assignment, node, i, rand);
      stamp = lw_demo_stamp (self->started -
                             (gint64) g_rand_int_range (rand, 1, 500) * 24 * 3600 * G_USEC_PER_SEC);
      json_object_set_string_member (system, "createdBy", "platform@contoso.example");
      json_object_set_string_member (system, "createdByType", "User");
      json_object_set_string_member (system, "createdAt", stamp);
      json_object_set_string_member (system, "lastModifiedBy", "platform@contoso.example");
      json_object_set_string_member (system, "lastModifiedByType", "User");
      json_object_set_string_member (system, "lastModifiedAt", stamp);
      lw_demo_tenant_put_exemption (self, lw_demo_tenant_scope (self, node->id), name, properties,
                                    system);
    }
}
