/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-case-json.h"
#include "lw-json.h"

void
lw_json_set_person (JsonObject *object, const char *member, const LwPerson *person)
{
  if (person != NULL)
    json_object_set_member (object, member, lw_person_to_json (person));
  else
    json_object_set_null_member (object, member);
}

void
lw_json_set_instant (JsonObject *object, const char *member, GDateTime *instant)
{
  g_autofree char *text = instant != NULL ? lw_instant_format (instant) : NULL;

  lw_json_set_string (object, member, text);
}

JsonArray *
lw_flags_to_json (GPtrArray *flags)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < flags->len; i++)
    {
      const LwFlag *flag = g_ptr_array_index (flags, i);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "seq", flag->seq);
      lw_json_set_string (object, "id", flag->id);
      lw_json_set_string (object, "message", flag->message);
      json_array_add_object_element (array, object);
    }
  return array;
}

JsonArray *
lw_approvals_to_json (GPtrArray *approvals)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < approvals->len; i++)
    {
      const LwApproval *approval = g_ptr_array_index (approvals, i);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "seq", approval->seq);
      lw_json_set_person (object, "by", approval->by);
      lw_json_set_instant (object, "at", approval->at);
      lw_json_set_string (object, "digest", approval->digest);
      json_object_set_boolean_member (object, "sealed", approval->sealed);
      json_object_set_boolean_member (object, "counts", approval->counts);
      json_array_add_object_element (array, object);
    }
  return array;
}
