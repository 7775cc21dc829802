/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-store.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_NAME 512

G_DEFINE_ABSTRACT_TYPE (LwStore, lw_store, G_TYPE_OBJECT)

static const char *const shelf_names[LW_SHELF_COUNT] = {
  [LW_SHELF_REQUESTS] = "requests", [LW_SHELF_EVIDENCE] = "evidence", [LW_SHELF_SEALS] = "seals",
  [LW_SHELF_RULES] = "rules",       [LW_SHELF_LOG] = "log",
};

const char *
lw_shelf_to_string (LwShelf shelf)
{
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);

  return shelf_names[shelf];
}

/* Walks the segments; the last one may be empty in a prefix. */
static gboolean
check_name (const char *name, gboolean prefix)
{
  gsize segment = 0;

  if (!name || strlen (name) > MAX_NAME)
    return FALSE;

  for (const char *c = name; *c; c++)
    {
      if (*c == '/')
        {
          if (segment == 0)
            return FALSE;
          segment = 0;
          continue;
        }

      if (!g_ascii_isalnum (*c) && *c != '-' && *c != '_' && *c != '.')
        return FALSE;
      /* Blob Storage takes neither of these for what they are. */
      if (*c == '.' && (segment == 0 || c[1] == '.' || (!prefix && (c[1] == '/' || c[1] == '\0'))))
        return FALSE;
      segment++;
    }

  return prefix || segment > 0;
}

gboolean
lw_store_name_is_valid (const char *name)
{
  return check_name (name, FALSE);
}

static void
lw_store_class_init (LwStoreClass *klass)
{
}

static void
lw_store_init (LwStore *self)
{
}

static DexFuture *
reject_name (const char *name)
{
  g_autofree char *shown = name ? g_utf8_make_valid (name, -1) : g_strdup ("");

  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                _ ("“%s” cannot name an object of the ledger"), shown);
}

DexFuture *
lw_store_put_new (LwStore *self, LwShelf shelf, const char *name, GBytes *bytes)
{
  g_return_val_if_fail (LW_IS_STORE (self), NULL);
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);

  if (!check_name (name, FALSE))
    return reject_name (name);

  return LW_STORE_GET_CLASS (self)->put_new (self, shelf, name, bytes);
}

DexFuture *
lw_store_get (LwStore *self, LwShelf shelf, const char *name)
{
  g_return_val_if_fail (LW_IS_STORE (self), NULL);
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);

  if (!check_name (name, FALSE))
    return reject_name (name);

  return LW_STORE_GET_CLASS (self)->get (self, shelf, name);
}

DexFuture *
lw_store_list (LwStore *self, LwShelf shelf, const char *prefix)
{
  g_return_val_if_fail (LW_IS_STORE (self), NULL);
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);

  if (!prefix)
    prefix = "";
  if (!check_name (prefix, TRUE))
    return reject_name (prefix);

  return LW_STORE_GET_CLASS (self)->list (self, shelf, prefix);
}
