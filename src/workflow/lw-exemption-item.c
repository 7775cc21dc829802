/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-portfolio-private.h"

struct _LwExemptionItem
{
  GObject parent_instance;
  LwExemption *exemption;
  LwTiles tiles;
  char *policy;
  char *team;
  char *scope_label;
};

G_DEFINE_FINAL_TYPE (LwExemptionItem, lw_exemption_item, G_TYPE_OBJECT)

enum
{
  PROP_EXEMPTION = 1,
  PROP_TILES,
  PROP_TITLE,
  PROP_POLICY,
  PROP_TEAM,
  PROP_SCOPE_LABEL,
  PROP_CATEGORY,
  PROP_OWNER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

LwExemption *
lw_exemption_item_get_exemption (LwExemptionItem *self)
{
  g_return_val_if_fail (LW_IS_EXEMPTION_ITEM (self), NULL);

  return self->exemption;
}

LwTiles
lw_exemption_item_get_tiles (LwExemptionItem *self)
{
  g_return_val_if_fail (LW_IS_EXEMPTION_ITEM (self), 0);

  return self->tiles;
}

const char *
lw_exemption_item_get_policy (LwExemptionItem *self)
{
  g_return_val_if_fail (LW_IS_EXEMPTION_ITEM (self), NULL);

  return self->policy;
}

const char *
lw_exemption_item_get_team (LwExemptionItem *self)
{
  g_return_val_if_fail (LW_IS_EXEMPTION_ITEM (self), NULL);

  return self->team;
}

const char *
lw_exemption_item_get_scope_label (LwExemptionItem *self)
{
  g_return_val_if_fail (LW_IS_EXEMPTION_ITEM (self), NULL);

  return self->scope_label;
}

static void
lw_exemption_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwExemptionItem *self = LW_EXEMPTION_ITEM (object);

  switch (id)
    {
    case PROP_EXEMPTION:
      g_value_set_boxed (value, self->exemption);
      break;
    case PROP_TILES:
      g_value_set_uint (value, self->tiles);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->exemption->display_name);
      break;
    case PROP_POLICY:
      g_value_set_string (value, self->policy);
      break;
    case PROP_TEAM:
      g_value_set_string (value, self->team);
      break;
    case PROP_SCOPE_LABEL:
      g_value_set_string (value, self->scope_label);
      break;
    case PROP_CATEGORY:
      g_value_set_string (value, self->exemption->category);
      break;
    case PROP_OWNER:
      g_value_set_string (value, self->exemption->owner);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_exemption_item_finalize (GObject *object)
{
  LwExemptionItem *self = LW_EXEMPTION_ITEM (object);

  lw_exemption_unref (self->exemption);
  g_free (self->policy);
  g_free (self->team);
  g_free (self->scope_label);

  G_OBJECT_CLASS (lw_exemption_item_parent_class)->finalize (object);
}

static GParamSpec *
string_property (const char *name)
{
  return g_param_spec_string (name, NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
lw_exemption_item_class_init (LwExemptionItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = lw_exemption_item_get_property;
  object_class->finalize = lw_exemption_item_finalize;

  properties[PROP_EXEMPTION] = g_param_spec_boxed ("exemption", NULL, NULL, LW_TYPE_EXEMPTION,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_TILES] = g_param_spec_uint ("tiles", NULL, NULL, 0, G_MAXUINT, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_TITLE] = string_property ("title");
  properties[PROP_POLICY] = string_property ("policy");
  properties[PROP_TEAM] = string_property ("team");
  properties[PROP_SCOPE_LABEL] = string_property ("scope-label");
  properties[PROP_CATEGORY] = string_property ("category");
  properties[PROP_OWNER] = string_property ("owner");
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
lw_exemption_item_init (LwExemptionItem *self)
{
}

LwExemptionItem *
lw_exemption_item_new (LwExemption *exemption,
                       LwTiles tiles,
                       const char *policy,
                       const char *team,
                       const char *scope_label)
{
  LwExemptionItem *self = g_object_new (LW_TYPE_EXEMPTION_ITEM, NULL);

  self->exemption = lw_exemption_ref (exemption);
  self->tiles = tiles;
  self->policy = g_strdup (policy);
  self->team = g_strdup (team);
  self->scope_label = g_strdup (scope_label);

  return self;
}
