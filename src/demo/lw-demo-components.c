/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * componentPolicyStates: what policies of a data plane (their mode ends in ".Data") say of the parts of a
 * resource. The tenant keeps no parts; each such record stands for two of them.
 */

#include "lw-demo-states.h"

#include "lw-demo-arm.h"
#include "lw-demo-json.h"

#include <string.h>

#define COMPONENTS 2

static const struct
{
  const char *mode, *type, *path;
} kinds[] = {
  { "Microsoft.KeyVault.Data", "Microsoft.KeyVault/vaults/keys", "keys/key" },
  { "Microsoft.Kubernetes.Data", "v1/Pod", "pods/default/pod" },
  { "Microsoft.Network.Data", "Microsoft.Network/virtualNetworks/subnets", "subnets/subnet" },
};

static gboolean
kind_of (const LwDemoState *state, guint *kind)
{
  const char *mode = lw_demo_json_string (state->definition->properties, "mode");

  for (*kind = 0; mode != NULL && *kind < G_N_ELEMENTS (kinds); (*kind)++)
    if (g_ascii_strcasecmp (kinds[*kind].mode, mode) == 0)
      return TRUE;

  return FALSE;
}

static JsonObject *
component_json (LwDemoTenant *tenant, const LwDemoState *state, guint kind, guint number)
{
  static const char *const left_out[] = { "effectiveParameters", "managementGroupIds",
                                          "resourceTags", "isCompliant", "complianceReasonCode" };
  JsonObject *object = lw_demo_state_json (tenant, state);
  g_autofree char *name =
      g_strdup_printf ("%s-%u", strrchr (kinds[kind].path, '/') + 1, number + 1);
  g_autofree char *id = g_strdup_printf ("%s/%s-%u", state->node->id, kinds[kind].path, number + 1);

  for (guint i = 0; i < G_N_ELEMENTS (left_out); i++)
    json_object_remove_member (object, left_out[i]);
  json_object_set_string_member (object, "componentId", id);
  json_object_set_string_member (object, "componentName", name);
  json_object_set_string_member (object, "componentType", kinds[kind].type);

  return object;
}

void
lw_demo_components_handle (LwDemoCall *self, LwDemoScope *scope, guint rest)
{
  static const char *const versions[] = { "2022-04-01", "2024-10-01", NULL };
  g_autoptr (GArray) found = NULL;
  g_autoptr (JsonObject) answer = NULL;
  g_autofree char *context = NULL;
  JsonArray *value;

  if (!lw_demo_call_supports (self, "componentPolicyStates", versions))
    return;
  if (rest + 3 != self->n_path || !lw_demo_call_path_is (self, rest + 1, "latest") ||
      !lw_demo_call_path_is (self, rest + 2, "queryResults") || scope->kind == LW_DEMO_GROUP)
    {
      lw_demo_call_fail_not_found (self);
      return;
    }
  if (!lw_demo_call_is (self, "POST"))
    {
      lw_demo_call_fail_method (self);
      return;
    }
  if (!lw_demo_call_need (self, "Microsoft.PolicyInsights/componentPolicyStates/queryResults/read",
                          scope) ||
      !lw_demo_call_need_scope (self, scope) ||
      (found = lw_demo_states_at (self, scope, NULL, lw_demo_call_query (self, "$filter"))) == NULL)
    return;
  context = g_strdup_printf ("%s%s/providers/Microsoft.PolicyInsights/componentPolicyStates/"
                             "$metadata#latest",
                             self->base, scope->id);
  value = json_array_new ();
  for (guint i = 0; i < found->len; i++)
    {
      const LwDemoState *state = &g_array_index (found, LwDemoState, i);
      guint kind;

      for (guint n = 0; n < COMPONENTS && kind_of (state, &kind); n++)
        json_array_add_object_element (value, component_json (self->tenant, state, kind, n));
    }
  answer = json_object_new ();
  json_object_set_string_member (answer, "@odata.context", context);
  json_object_set_int_member (answer, "@odata.count", json_array_get_length (value));
  json_object_set_array_member (answer, "value", value);
  lw_demo_call_reply_object (self, 200, answer);
}
