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

typedef struct
{
  LwDemoTenant *tenant;
  LwDemoPolicy *assignment;
  LwDemoNode *node;
  const char *reference; /* nullable */
  guint number;
  gint64 expires; /* seconds since 1970, or %G_MAXINT64 */
  gint64 created;
} Grown;

/* The object as text: nothing in it needs escaping, and there may be very many. */
static char *
grown_text (const Grown *self, LwDemoPerson *owner)
{
  g_autofree char *created = lw_demo_stamp (self->created);
  g_autofree char *ends =
      self->expires != G_MAXINT64 ? lw_demo_stamp_seconds (self->expires * G_USEC_PER_SEC) : NULL;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "{\"properties\":{\"policyAssignmentId\":\"%s\",",
                          self->assignment->id);
  if (self->reference != NULL)
    g_string_append_printf (text, "\"policyDefinitionReferenceIds\":[\"%s\"],", self->reference);
  g_string_append_printf (
      text,
      "\"exemptionCategory\":\"%s\",\"displayName\":\"Load exemption %u for %s\","
      "\"description\":\"The service behind it is being moved to a private "
      "endpoint.\",",
      self->number % 3 == 0 ? "Mitigated" : "Waiver", self->number, self->node->name);
  if (ends != NULL)
    g_string_append_printf (text, "\"expiresOn\":\"%s\",", ends);
  g_string_append (text, "\"metadata\":{");
  if (self->number % 5 != 0 && owner->upn != NULL)
    g_string_append_printf (text, "\"owner\":\"%s\",", owner->upn);
  g_string_append_printf (
      text,
      "\"ticketRef\":\"CHG%07u\"}},\"id\":\"%s/providers/Microsoft.Authorization/policyExemptions/"
      "load-%07u\",\"type\":\"Microsoft.Authorization/policyExemptions\",\"name\":\"load-%07u\","
      "\"systemData\":{\"createdBy\":\"platform@contoso.example\",\"createdByType\":\"User\","
      "\"createdAt\":\"%s\",\"lastModifiedBy\":\"platform@contoso.example\","
      "\"lastModifiedByType\":\"User\",\"lastModifiedAt\":\"%s\"}}",
      self->number, self->node->id, self->number, self->number, created, created);

  return g_string_free (text, FALSE);
}

static void
add_grown (const Grown *self, GRand *rand)
{
  GPtrArray *people = self->tenant->people;
  LwDemoPerson *owner =
      g_ptr_array_index (people, g_rand_int_range (rand, 0, (gint32) people->len));
  g_autofree char *name = g_strdup_printf ("load-%07u", self->number);

  lw_demo_tenant_add_exemption_text (
      self->tenant, lw_demo_tenant_scope (self->tenant, self->node->id), name, self->assignment->id,
      self->reference, self->expires, grown_text (self, owner));
}

void
lw_demo_tenant_grow_exemptions (LwDemoTenant *self, guint count)
{
  const gint64 day = 24 * 3600;
  GPtrArray *assignments = self->by_kind[LW_DEMO_ASSIGNMENT];
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  for (guint i = 1; i <= count && assignments->len > 0 && self->resources->len > 0; i++)
    {
      Grown grown = { .tenant = self, .number = i };

      grown.assignment =
          g_ptr_array_index (assignments, g_rand_int_range (rand, 0, (gint32) assignments->len));
      grown.node = pick_resource (self, grown.assignment, rand);
      if (grown.node == NULL)
        {
          grown.assignment = g_ptr_array_index (assignments, 0);
          grown.node = pick_resource (self, grown.assignment, rand);
        }
      if (grown.node == NULL)
        continue;
      grown.reference = i % 20 != 0 ? pick_reference (self, grown.assignment, rand) : NULL;
      grown.expires = i % 12 != 0
                          ? self->started / G_USEC_PER_SEC + g_rand_int_range (rand, -40, 365) * day
                          : G_MAXINT64;
      grown.created =
          self->started - g_rand_int_range (rand, 1, 500) * day * (gint64) G_USEC_PER_SEC;
      add_grown (&grown, rand);
    }
}
