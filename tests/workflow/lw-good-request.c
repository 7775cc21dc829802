/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-good-request.h"

void
lw_test_set_day (char **day, int ahead)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_days (now, ahead);

  g_free (*day);
  *day = g_date_time_format (then, "%Y-%m-%d");
}

LwRequest *
lw_test_good_request (const char *title)
{
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *day = NULL;
  LwRequest *request;
  LwControl *control;

  g_assert_true (g_file_get_contents (g_getenv ("LEEWAY_GOOD_REQUEST"), &text, &size, &error));
  bytes = g_bytes_new (text, size);
  request = lw_request_from_bytes (bytes, &error);
  g_assert_no_error (error);

  g_free (request->id);
  request->id = lw_uuid_v7 (g_get_real_time () / 1000);
  g_set_str (&request->title, title);
  lw_test_set_day (&day, 60);
  g_free (request->expires);
  request->expires = g_strconcat (day, "T22:59:59Z", NULL);
  lw_test_set_day (&request->reason->end_state_by, 50);
  for (guint i = 0; i < request->remediation->len; i++)
    lw_test_set_day (&((LwRemediation *) g_ptr_array_index (request->remediation, i))->by, 40);
  control = g_ptr_array_index (request->controls, 0);
  lw_test_set_day (&control->next_check, 20);

  return request;
}
