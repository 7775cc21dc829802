/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-when.h"

typedef struct
{
  gatomicrefcount refs;
  GWeakRef owner;
  LwWhenFunc done;
  gpointer user_data;
  GDestroyNotify destroy;
  DexFuture *future;
} When;

static void
when_unref (gpointer data)
{
  When *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->destroy)
    self->destroy (self->user_data);
  g_weak_ref_clear (&self->owner);
  dex_clear (&self->future);
  g_free (self);
}

static gboolean
deliver (gpointer data)
{
  When *self = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (self->future, &error);

  if (owner)
    self->done (owner, value, error, self->user_data);
  return G_SOURCE_REMOVE;
}

static DexFuture *
settled (DexFuture *future, gpointer data)
{
  When *self = data;

  g_atomic_ref_count_inc (&self->refs);
  self->future = dex_ref (future);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver, self, when_unref);
  return dex_ref (future);
}

void
lw_when (DexFuture *future,
         gpointer owner,
         LwWhenFunc done,
         gpointer user_data,
         GDestroyNotify destroy)
{
  When *self;

  g_return_if_fail (DEX_IS_FUTURE (future));
  g_return_if_fail (G_IS_OBJECT (owner));

  self = g_new0 (When, 1);
  g_atomic_ref_count_init (&self->refs);
  g_weak_ref_init (&self->owner, owner);
  self->done = done;
  self->user_data = user_data;
  self->destroy = destroy;
  dex_future_disown (dex_future_finally (future, settled, self, when_unref));
}
