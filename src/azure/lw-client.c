/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-domain-error.h"
#include "lw-json.h"

#define MAX_DAMAGED 1000

G_DEFINE_FINAL_TYPE (LwClient, lw_client, G_TYPE_OBJECT)

static void
notice_free (gpointer data)
{
  LwNotice *self = data;

  g_free (self->id);
  g_free (self->message);
  g_free (self);
}

static void
lw_client_finalize (GObject *object)
{
  LwClient *self = LW_CLIENT (object);

  g_clear_pointer (&self->cloud, lw_cloud_unref);
  g_clear_object (&self->identity);
  g_clear_object (&self->transport);
  g_clear_pointer (&self->definitions, g_hash_table_unref);
  g_clear_pointer (&self->notices, g_ptr_array_unref);
  g_clear_pointer (&self->damaged, g_hash_table_unref);
  for (guint i = 0; i < LW_N_APIS; i++)
    g_free (self->versions[i]);
  G_OBJECT_CLASS (lw_client_parent_class)->finalize (object);
}

static void
lw_client_class_init (LwClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_client_finalize;
}

static void
lw_client_init (LwClient *self)
{
  self->definitions = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free,
                                             (GDestroyNotify) json_object_unref);
  self->damaged = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, g_free);
  self->notices = g_ptr_array_new_with_free_func (notice_free);
}

LwClient *
lw_client_new (LwProfile *profile, LwIdentity *identity)
{
  LwClient *self = g_object_new (LW_TYPE_CLIENT, NULL);

  self->cloud = lw_cloud_ref (lw_profile_get_cloud (profile));
  self->identity = g_object_ref (identity);
  self->transport = lw_transport_new (profile, identity);
  return self;
}

LwTransport *
lw_client_get_transport (LwClient *self)
{
  g_return_val_if_fail (LW_IS_CLIENT (self), NULL);

  return self->transport;
}

LwCloud *
lw_client_get_cloud (LwClient *self)
{
  g_return_val_if_fail (LW_IS_CLIENT (self), NULL);

  return self->cloud;
}

/* Notices */

GPtrArray *
lw_client_get_notices (LwClient *self)
{
  g_return_val_if_fail (LW_IS_CLIENT (self), NULL);

  return self->notices;
}

void
lw_client_add_notice (LwClient *self, const char *id, const char *message)
{
  LwNotice *notice;

  for (guint i = 0; i < self->notices->len; i++)
    {
      notice = g_ptr_array_index (self->notices, i);
      if (g_str_equal (notice->id, id))
        {
          g_set_str (&notice->message, message);
          return;
        }
    }
  notice = g_new0 (LwNotice, 1);
  notice->id = g_strdup (id);
  notice->message = g_strdup (message);
  g_ptr_array_add (self->notices, notice);
}

/* Calls */

LwCall *
lw_call_new (LwClient *client, const char *a, const char *b)
{
  LwCall *call = g_new0 (LwCall, 1);

  call->client = g_object_ref (client);
  call->a = g_strdup (a);
  call->b = g_strdup (b);
  return call;
}

void
lw_call_free (gpointer data)
{
  LwCall *self = data;

  g_object_unref (self->client);
  g_free (self->a);
  g_free (self->b);
  g_clear_pointer (&self->body, json_node_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->assignment, lw_assignment_unref);
  g_clear_pointer (&self->array, g_ptr_array_unref);
  g_free (self);
}

/* Lists */

/* Elements that hold what would be altered: they are shown, and a GET before any write refuses them. */
static void
note_damages (LwClient *self, GPtrArray *damages)
{
  const LwDamage *last = NULL;
  g_autofree char *message = NULL;
  guint n;

  for (guint i = 0; i < damages->len; i++)
    {
      last = g_ptr_array_index (damages, i);
      if (g_hash_table_size (self->damaged) < MAX_DAMAGED)
        g_hash_table_replace (self->damaged, g_strdup (last->id), g_strdup (last->reason));
    }
  if (last == NULL)
    return;
  n = g_hash_table_size (self->damaged);
  message = g_strdup_printf (
      ngettext (
          "%u object of Azure cannot be read exactly. It is shown as far as it can be, and is "
          "not written over: %s (%s)",
          "%u objects of Azure cannot be read exactly. They are shown as far as they can be, "
          "and are not written over; the last of them: %s (%s)",
          n),
      n, last->id, last->reason);
  lw_client_add_notice (self, "lists.damaged", message);
}

const char *
lw_client_get_damage (LwClient *self, const char *id)
{
  g_return_val_if_fail (LW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  return g_hash_table_lookup (self->damaged, id);
}

static void
note_left_out (LwClient *self, guint n)
{
  g_autofree char *message = g_strdup_printf (
      ngettext ("%u object in a list of Azure's is missing here, as it cannot be read.",
                "%u objects in a list of Azure's are missing here, as they cannot "
                "be read.",
                n),
      n);

  lw_client_add_notice (self, "lists.left-out", message);
}

GPtrArray *
lw_client_take_page (LwClient *self, LwPage *page)
{
  note_damages (self, page->damages);
  if (page->left_out > 0)
    note_left_out (self, page->left_out);
  return g_ptr_array_ref (page->values);
}

DexFuture *
lw_arm_list_future (LwClient *self,
                    const LwArmCall *call,
                    LwReadElement read,
                    GDestroyNotify destroy)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *values = lw_arm_await_values (self, call, read, destroy, &error);

  return lw_future_take_array (values, g_steal_pointer (&error));
}

DexFuture *
lw_future_take_array (GPtrArray *array, GError *error)
{
  if (array == NULL)
    return dex_future_new_for_error (error);
  g_clear_error (&error);
  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, array);
}

/* Errors */

gboolean
lw_error_is_invisible (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
}

gboolean
lw_error_has_other_way (const GError *error)
{
  return lw_error_is_invisible (error) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

GError *
lw_error_as_azure (GError *error)
{
  g_autoptr (GError) cause = error;

  if (cause == NULL || cause->domain != LW_DOMAIN_ERROR)
    return g_steal_pointer (&cause);
  return g_error_new (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                      _ ("Azure's answer is not what was asked for: %s"), cause->message);
}

/* Fan-out: started in order, awaited in order, with a window of LW_FAN_OUT. */

gboolean
lw_fan_out (LwClient *self,
            GPtrArray *items,
            LwStart start,
            LwFinish finish,
            gpointer user_data,
            GError **error)
{
  g_autoptr (GPtrArray) running = g_ptr_array_new_with_free_func (dex_unref);
  guint done = 0;

  while (done < items->len)
    {
      g_autoptr (GError) local = NULL;
      const GValue *value;
      DexFuture *future;

      while (running->len < items->len && running->len - done < LW_FAN_OUT)
        g_ptr_array_add (running, start (self, g_ptr_array_index (items, running->len), user_data));
      future = g_ptr_array_index (running, done);
      if (!dex_await (dex_ref (future), &local) && lw_wire_is_cancelled (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      value = local == NULL ? dex_future_get_value (future, NULL) : NULL;
      if (!finish (g_ptr_array_index (items, done), value, local, user_data, error))
        return FALSE;
      done++;
    }
  return TRUE;
}
