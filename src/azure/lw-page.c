/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pages of lists, from JSON to values. Nothing of the JSON is left where that is done on another thread:
 * its reference counts are for one thread only. */

#include "config.h"

#include "lw-page.h"

#include "lw-json.h"
#include "lw-wire.h"
#include "lw-work.h"

static void
damage_free (gpointer data)
{
  LwDamage *self = data;

  g_free (self->id);
  g_free (self->reason);
  g_free (self);
}

static void
lw_page_clear (gpointer data)
{
  LwPage *self = data;

  g_clear_pointer (&self->rest, json_object_unref);
  g_clear_pointer (&self->values, g_ptr_array_unref);
  g_clear_pointer (&self->damages, g_ptr_array_unref);
}

LwPage *
lw_page_ref (LwPage *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_page_unref (LwPage *self)
{
  g_atomic_rc_box_release_full (self, lw_page_clear);
}

G_DEFINE_BOXED_TYPE (LwPage, lw_page, lw_page_ref, lw_page_unref)

LwPage *
lw_page_new (const LwPageReader *reader)
{
  LwPage *self = g_atomic_rc_box_new0 (LwPage);

  self->values = g_ptr_array_new_with_free_func (
      reader->read != NULL ? reader->destroy : (GDestroyNotify) json_node_unref);
  self->damages = g_ptr_array_new_with_free_func (damage_free);
  return self;
}

void
lw_page_append (LwPage *self, LwPage *page)
{
  g_ptr_array_extend_and_steal (self->values, g_steal_pointer (&page->values));
  g_ptr_array_extend_and_steal (self->damages, g_steal_pointer (&page->damages));
  self->left_out += page->left_out;
}

JsonNode *
lw_page_to_array (LwPage *self)
{
  g_autoptr (JsonArray) array = json_array_sized_new (self->values->len);
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < self->values->len; i++)
    json_array_add_element (array, json_node_copy (g_ptr_array_index (self->values, i)));
  json_node_set_array (node, array);
  return node;
}

/* Elements */

static void
take_damage (LwPage *self, JsonObject *object)
{
  const char *reason = lw_json_get_string (object, LW_JSON_DAMAGED);
  const char *id = lw_json_get_string (object, "id");
  LwDamage *damage;

  if (reason == NULL)
    return;
  if (id == NULL)
    id = lw_json_get_string (object, "name");
  damage = g_new0 (LwDamage, 1);
  damage->id = g_strdup (id != NULL ? id : "?");
  damage->reason = g_strdup (reason);
  g_ptr_array_add (self->damages, damage);
  json_object_remove_member (object, LW_JSON_DAMAGED);
}

static void
take_element (LwPage *self, JsonNode *element, LwReadElement read)
{
  g_autoptr (GError) error = NULL;
  gpointer value;

  take_damage (self, lw_json_node_object (element));
  value = read != NULL ? read (element, &error) : json_node_copy (element);
  if (value != NULL)
    g_ptr_array_add (self->values, value);
  else if (error != NULL)
    {
      self->left_out++;
      g_debug ("Left out of a list: %s", error->message);
    }
}

LwPage *
lw_page_from_node (JsonNode *node, const LwPageReader *reader)
{
  g_autoptr (JsonNode) owned = node;
  JsonObject *object = lw_json_node_object (node);
  JsonArray *list = lw_json_get_array (object, reader->member);
  LwPage *self = lw_page_new (reader);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    take_element (self, json_array_get_element (list, i), reader->read);
  if (list != NULL)
    json_object_remove_member (object, reader->member);
  else
    g_clear_pointer (&self->values, g_ptr_array_unref);
  if (object != NULL)
    self->rest = json_object_ref (object);
  return self;
}

/* Pages */

typedef struct
{
  GBytes *bytes;
  LwPageReader reader;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *self = data;

  g_bytes_unref (self->bytes);
  g_free (self);
}

static gpointer
read_page (gpointer data, GError **error)
{
  Reading *self = data;
  JsonNode *node = lw_read_json (self->bytes, self->reader.read != NULL, error);

  return node != NULL ? lw_page_from_node (node, &self->reader) : NULL;
}

DexFuture *
lw_page_read (GBytes *bytes, const LwPageReader *reader)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->bytes = g_bytes_ref (bytes);
  reading->reader = *reader;
  return lw_work (read_page, reading, reading_free, LW_TYPE_PAGE,
                  g_bytes_get_size (bytes) <= LW_BIG_TEXT);
}
