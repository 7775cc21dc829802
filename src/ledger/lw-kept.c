/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ledger-private.h"

typedef struct
{
  LwLedger *self;
  char *request_id;
} Get;

static void
get_free (gpointer data)
{
  Get *get = data;

  g_object_unref (get->self);
  g_free (get->request_id);
  g_free (get);
}

static DexFuture *
get_fiber (gpointer data)
{
  Get *get = data;
  g_autoptr (GError) error = NULL;
  LwCase *value = lw_ledger_fold (get->self, get->request_id, &error);

  if (!value)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, value);
}

DexFuture *
lw_ledger_get_case (LwLedger *self, const char *request_id)
{
  g_autofree char *id = NULL;
  Get *get;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  if (!(id = lw_ledger_normalize_id (request_id)))
    return lw_ledger_reject_id (request_id);

  get = g_new0 (Get, 1);
  get->self = g_object_ref (self);
  get->request_id = g_steal_pointer (&id);

  return lw_ledger_run (self, get_fiber, get, get_free);
}
