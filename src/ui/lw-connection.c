/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-connection.h"

#include <glib/gi18n-lib.h>

struct _LwConnection
{
  GObject parent_instance;

  LwProfile *profile;
  char *path;
  char *access_token;
  LwDemo *demo;
  char *persona;
  LwPerson *person;
  char *organisation;
  gboolean fresh;
};

typedef enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
} LwConnectionProperty;

static GParamSpec *properties[PROP_SUBTITLE + 1];

G_DEFINE_FINAL_TYPE (LwConnection, lw_connection, G_TYPE_OBJECT)

static void
changed (LwConnection *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBTITLE]);
}

LwProfile *
lw_connection_get_profile (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  return self->profile;
}

void
lw_connection_set_profile (LwConnection *self, LwProfile *profile)
{
  g_return_if_fail (LW_IS_CONNECTION (self));
  lw_profile_ref (profile);
  g_clear_pointer (&self->profile, lw_profile_unref);
  self->profile = profile;
  changed (self);
}

const char *
lw_connection_get_path (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  return self->path;
}

void
lw_connection_set_path (LwConnection *self, const char *path)
{
  g_return_if_fail (LW_IS_CONNECTION (self));
  g_set_str (&self->path, path);
}

const char *
lw_connection_get_access_token (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  return self->access_token;
}

LwDemo *
lw_connection_get_demo (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  return self->demo;
}

const char *
lw_connection_get_persona (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  return self->persona;
}

gboolean
lw_connection_is_fresh (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), FALSE);
  return self->fresh;
}

void
lw_connection_set_fresh (LwConnection *self, gboolean fresh)
{
  g_return_if_fail (LW_IS_CONNECTION (self));
  self->fresh = fresh;
}

void
lw_connection_set_person (LwConnection *self, const LwPerson *person, const char *organisation)
{
  g_return_if_fail (LW_IS_CONNECTION (self));
  g_clear_pointer (&self->person, lw_person_free);
  self->person = person != NULL ? lw_person_copy (person) : NULL;
  g_set_str (&self->organisation, organisation);
  changed (self);
}

const LwPerson *
lw_connection_get_person (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  return self->person;
}

static const char *
who (LwConnection *self)
{
  if (self->person != NULL && self->person->name != NULL)
    return self->person->name;
  if (self->person != NULL && self->person->upn != NULL)
    return self->person->upn;
  return lw_profile_get_account_upn (self->profile);
}

const char *
lw_connection_get_name (LwConnection *self)
{
  const char *name;

  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  name = lw_profile_get_name (self->profile);
  if (name != NULL)
    return name;
  if (self->organisation != NULL && *self->organisation != '\0')
    return self->organisation;
  return self->demo != NULL ? _ ("Demo") : lw_profile_get_tenant (self->profile);
}

const char *
lw_connection_get_title (LwConnection *self)
{
  const char *person;

  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  person = who (self);
  return person != NULL ? person : lw_connection_get_name (self);
}

const char *
lw_connection_get_subtitle (LwConnection *self)
{
  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  return who (self) != NULL ? lw_connection_get_name (self) : _ ("Not signed in");
}

const char *
lw_connection_get_account_id (LwConnection *self)
{
  const char *id;

  g_return_val_if_fail (LW_IS_CONNECTION (self), NULL);
  id = lw_profile_get_account_id (self->profile);
  return id == NULL && self->person != NULL ? self->person->id : id;
}

static void
lw_connection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwConnection *self = LW_CONNECTION (object);

  switch ((LwConnectionProperty) id)
    {
    case PROP_TITLE:
      g_value_set_string (value, lw_connection_get_title (self));
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, lw_connection_get_subtitle (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_connection_finalize (GObject *object)
{
  LwConnection *self = LW_CONNECTION (object);

  g_clear_pointer (&self->profile, lw_profile_unref);
  g_clear_pointer (&self->person, lw_person_free);
  g_clear_object (&self->demo);
  g_free (self->path);
  g_free (self->access_token);
  g_free (self->persona);
  g_free (self->organisation);
  G_OBJECT_CLASS (lw_connection_parent_class)->finalize (object);
}

static void
lw_connection_class_init (LwConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lw_connection_get_property;
  object_class->finalize = lw_connection_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
lw_connection_init (LwConnection *self)
{
}

LwConnection *
lw_connection_new (LwProfile *profile, const char *path, const char *access_token)
{
  LwConnection *self;

  g_return_val_if_fail (profile != NULL, NULL);
  self = g_object_new (LW_TYPE_CONNECTION, NULL);
  self->profile = lw_profile_ref (profile);
  self->path = g_strdup (path);
  self->access_token = g_strdup (access_token);
  return self;
}

LwConnection *
lw_connection_new_demo (LwDemo *demo, const LwPerson *persona)
{
  LwConnection *self;

  g_return_val_if_fail (LW_IS_DEMO (demo), NULL);
  g_return_val_if_fail (lw_demo_get_profile (demo) != NULL, NULL);
  self = lw_connection_new (lw_demo_get_profile (demo), NULL, NULL);
  self->demo = g_object_ref (demo);
  if (persona != NULL)
    {
      self->persona = g_strdup (persona->upn);
      lw_connection_set_person (self, persona, NULL);
    }
  return self;
}
