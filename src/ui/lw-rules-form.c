/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-rules-form.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"

struct _LwRulesForm
{
  GObject parent_instance;

  LwWorkspace *workspace;
  LwRules *base;
  JsonObject *json;
  JsonObject *defaults;
  gboolean editable;
};

static guint changed_signal;
static guint rebuild_signal;

G_DEFINE_FINAL_TYPE (LwRulesForm, lw_rules_form, G_TYPE_OBJECT)

LwWorkspace *
lw_rules_form_get_workspace (LwRulesForm *self)
{
  return self->workspace;
}

gboolean
lw_rules_form_is_editable (LwRulesForm *self)
{
  return self->editable;
}

LwRules *
lw_rules_form_get_base (LwRulesForm *self)
{
  return self->base;
}

JsonObject *
lw_rules_form_get_json (LwRulesForm *self)
{
  return self->json;
}

void
lw_rules_form_take (LwRulesForm *self, LwRules *rules)
{
  g_autoptr (JsonNode) node = lw_rules_to_json (rules);

  g_clear_pointer (&self->json, json_object_unref);
  self->json = lw_json_object_copy (json_node_get_object (node));
}

void
lw_rules_form_changed (LwRulesForm *self)
{
  g_signal_emit (self, changed_signal, 0);
}

void
lw_rules_form_rebuild (LwRulesForm *self)
{
  g_signal_emit (self, rebuild_signal, 0);
}

LwRules *
lw_rules_form_read (LwRulesForm *self, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_object_to_node (self->json);

  return lw_rules_from_json (node, error);
}

static JsonNode *
find (LwRulesForm *self, const char *path)
{
  JsonNode *node = lw_json_path (self->json, path);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : lw_json_path (self->defaults, path);
}

gint64
lw_rules_form_get_int (LwRulesForm *self, const char *path)
{
  JsonNode *node = find (self, path);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
}

gboolean
lw_rules_form_get_boolean (LwRulesForm *self, const char *path)
{
  JsonNode *node = find (self, path);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_boolean (node);
}

void
lw_rules_form_set (LwRulesForm *self, const char *path, JsonNode *node)
{
  g_auto (GStrv) names = g_strsplit (path, ".", -1);
  JsonObject *object = self->json;
  guint last = g_strv_length (names) - 1;

  for (guint i = 0; i < last; i++)
    {
      JsonObject *next = lw_json_get_object (object, names[i]);

      if (next == NULL)
        {
          next = json_object_new ();
          json_object_set_object_member (object, names[i], next);
        }
      object = next;
    }
  json_object_set_member (object, names[last], node);
  lw_rules_form_changed (self);
}

JsonArray *
lw_rules_form_get_list (LwRulesForm *self, JsonObject *object, const char *member)
{
  JsonArray *array = lw_json_get_array (object, member);

  if (array == NULL)
    {
      array = json_array_new ();
      json_object_set_array_member (object, member, array);
    }
  return array;
}

static void
lw_rules_form_finalize (GObject *object)
{
  LwRulesForm *self = LW_RULES_FORM (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->base, lw_rules_unref);
  g_clear_pointer (&self->json, json_object_unref);
  g_clear_pointer (&self->defaults, json_object_unref);
  G_OBJECT_CLASS (lw_rules_form_parent_class)->finalize (object);
}

static void
lw_rules_form_class_init (LwRulesFormClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_rules_form_finalize;
  changed_signal = g_signal_new ("changed", LW_TYPE_RULES_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  rebuild_signal = g_signal_new ("rebuild", LW_TYPE_RULES_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
lw_rules_form_init (LwRulesForm *self)
{
}

LwRulesForm *
lw_rules_form_new (LwWorkspace *workspace, LwRules *base, gboolean editable)
{
  LwRulesForm *self = g_object_new (LW_TYPE_RULES_FORM, NULL);
  g_autoptr (LwRules) defaults = lw_rules_new_default ();
  g_autoptr (JsonNode) node = lw_rules_to_json (defaults);

  self->workspace = g_object_ref (workspace);
  self->base = lw_rules_ref (base);
  self->editable = editable;
  self->defaults = lw_json_object_copy (json_node_get_object (node));
  lw_rules_form_take (self, base);
  return self;
}
