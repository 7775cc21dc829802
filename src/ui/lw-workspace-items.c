/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-workspace-items.h"

struct _LwCaseItem
{
  GObject parent_instance;

  char *request_id;
  LwCase *value;
};

typedef enum
{
  PROP_CASE = 1
} LwCaseItemProperty;

static GParamSpec *properties[PROP_CASE + 1];

G_DEFINE_FINAL_TYPE (LwCaseItem, lw_case_item, G_TYPE_OBJECT)

static void
lw_case_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwCaseItem *self = LW_CASE_ITEM (object);

  switch ((LwCaseItemProperty) id)
    {
    case PROP_CASE:
      g_value_set_boxed (value, self->value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_case_item_finalize (GObject *object)
{
  LwCaseItem *self = LW_CASE_ITEM (object);

  g_clear_pointer (&self->value, lw_case_unref);
  g_free (self->request_id);
  G_OBJECT_CLASS (lw_case_item_parent_class)->finalize (object);
}

static void
lw_case_item_class_init (LwCaseItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = lw_case_item_get_property;
  object_class->finalize = lw_case_item_finalize;
  properties[PROP_CASE] =
      g_param_spec_boxed ("case", NULL, NULL, LW_TYPE_CASE,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
lw_case_item_init (LwCaseItem *self)
{
}

LwCaseItem *
lw_case_item_new (const char *request_id, LwCase *value)
{
  LwCaseItem *self = g_object_new (LW_TYPE_CASE_ITEM, NULL);

  self->request_id = g_strdup (request_id);
  self->value = value != NULL ? lw_case_ref (value) : NULL;
  return self;
}

const char *
lw_case_item_get_request_id (LwCaseItem *self)
{
  g_return_val_if_fail (LW_IS_CASE_ITEM (self), NULL);
  return self->request_id;
}

LwCase *
lw_case_item_get_case (LwCaseItem *self)
{
  g_return_val_if_fail (LW_IS_CASE_ITEM (self), NULL);
  return self->value;
}

void
lw_case_item_set_case (LwCaseItem *self, LwCase *value)
{
  LwCase *old = self->value;

  g_return_if_fail (LW_IS_CASE_ITEM (self));
  g_return_if_fail (value != NULL);
  if (old == value)
    return;
  self->value = lw_case_ref (value);
  if (old == NULL || !lw_case_looks_same (old, value))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CASE]);
  g_clear_pointer (&old, lw_case_unref);
}

gboolean
lw_case_looks_same (LwCase *a, LwCase *b)
{
  return a == b || (a->last_seq == b->last_seq && g_strcmp0 (a->last_sha256, b->last_sha256) == 0 &&
                    a->phase == b->phase && a->approvals_counting == b->approvals_counting &&
                    a->approvals_needed == b->approvals_needed && a->flags->len == b->flags->len);
}

struct _LwDraftItem
{
  GObject parent_instance;

  LwRequest *request;
  char *digest; /* worked out when it is asked for */
};

G_DEFINE_FINAL_TYPE (LwDraftItem, lw_draft_item, G_TYPE_OBJECT)

static void
lw_draft_item_finalize (GObject *object)
{
  LwDraftItem *self = LW_DRAFT_ITEM (object);

  g_clear_pointer (&self->request, lw_request_free);
  g_free (self->digest);
  G_OBJECT_CLASS (lw_draft_item_parent_class)->finalize (object);
}

static void
lw_draft_item_class_init (LwDraftItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_draft_item_finalize;
}

static void
lw_draft_item_init (LwDraftItem *self)
{
}

LwDraftItem *
lw_draft_item_new (const LwRequest *request)
{
  LwDraftItem *self = g_object_new (LW_TYPE_DRAFT_ITEM, NULL);

  self->request = lw_request_copy (request);
  return self;
}

LwRequest *
lw_draft_item_get_request (LwDraftItem *self)
{
  g_return_val_if_fail (LW_IS_DRAFT_ITEM (self), NULL);
  return self->request;
}

static const char *
digest_of (LwDraftItem *self)
{
  if (self->digest == NULL)
    self->digest = lw_request_digest (self->request, NULL);
  return self->digest;
}

gboolean
lw_draft_item_equal (LwDraftItem *a, LwDraftItem *b)
{
  g_return_val_if_fail (LW_IS_DRAFT_ITEM (a), FALSE);
  g_return_val_if_fail (LW_IS_DRAFT_ITEM (b), FALSE);
  return a == b || (digest_of (a) != NULL && g_strcmp0 (digest_of (a), digest_of (b)) == 0);
}
