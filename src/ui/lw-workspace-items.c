/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-workspace.h"

struct _LwCaseItem
{
  GObject parent_instance;

  LwCase *value;
};

G_DEFINE_FINAL_TYPE (LwCaseItem, lw_case_item, G_TYPE_OBJECT)

static void
lw_case_item_finalize (GObject *object)
{
  LwCaseItem *self = LW_CASE_ITEM (object);

  g_clear_pointer (&self->value, lw_case_unref);
  G_OBJECT_CLASS (lw_case_item_parent_class)->finalize (object);
}

static void
lw_case_item_class_init (LwCaseItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_case_item_finalize;
}

static void
lw_case_item_init (LwCaseItem *self)
{
}

LwCaseItem *
lw_case_item_new (LwCase *value)
{
  LwCaseItem *self = g_object_new (LW_TYPE_CASE_ITEM, NULL);

  self->value = lw_case_ref (value);
  return self;
}

LwCase *
lw_case_item_get_case (LwCaseItem *self)
{
  g_return_val_if_fail (LW_IS_CASE_ITEM (self), NULL);
  return self->value;
}

struct _LwDraftItem
{
  GObject parent_instance;

  LwRequest *request;
};

G_DEFINE_FINAL_TYPE (LwDraftItem, lw_draft_item, G_TYPE_OBJECT)

static void
lw_draft_item_finalize (GObject *object)
{
  LwDraftItem *self = LW_DRAFT_ITEM (object);

  g_clear_pointer (&self->request, lw_request_free);
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
