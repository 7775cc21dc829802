/* SPDX-License-Identifier: GPL-3.0-or-later */

/* iCalendar (RFC 5545): when exemptions expire, and when their controls are to be checked. */

#include "config.h"

#include "lw-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define LINE 75 /* bytes, RFC 5545 section 3.1 */

/* "NAME:value", folded between characters. */
static void
append_line (GString *out, const char *name, const char *value)
{
  g_autofree char *line = g_strconcat (name, ":", value, NULL);
  gsize room = LINE;

  for (const char *p = line; *p != '\0';)
    {
      gsize length = (gsize) (g_utf8_next_char (p) - p);

      if (length > room)
        {
          g_string_append (out, "\r\n ");
          room = LINE - 1;
        }
      g_string_append_len (out, p, (gssize) length);
      room -= length;
      p += length;
    }
  g_string_append (out, "\r\n");
}

static void
append_text (GString *out, const char *name, const char *text)
{
  g_autoptr (GString) value = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (*p == '\\' || *p == ';' || *p == ',')
      g_string_append_printf (value, "\\%c", *p);
    else if (*p == '\n')
      g_string_append (value, "\\n");
    else if ((guchar) *p >= ' ' && *p != 0x7f)
      g_string_append_c (value, *p);
    else if (*p == '\t')
      g_string_append_c (value, ' ');
  append_line (out, name, value->str);
}

static void
begin_event (GString *out, LwExport *self, const LwExportItem *item, const char *what)
{
  g_autofree char *key = lw_arm_id_key (item->id);
  g_autofree char *seed = g_strconcat (what, " ", key, NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, seed, -1);
  g_autofree char *uid = g_strdup_printf ("%.32s@leeway", hash);
  g_autofree char *stamp = g_date_time_format (self->now, "%Y%m%dT%H%M%SZ");

  g_string_append (out, "BEGIN:VEVENT\r\n");
  append_line (out, "UID", uid);
  append_line (out, "DTSTAMP", stamp);
}

static void
end_event (GString *out, const LwExportItem *item, const char *title, const char *alarm)
{
  append_text (out, "DESCRIPTION", item->id);
  append_line (out, "TRANSP", "TRANSPARENT");
  g_string_append (out, "BEGIN:VALARM\r\nACTION:DISPLAY\r\n");
  append_text (out, "DESCRIPTION", title);
  append_line (out, "TRIGGER", alarm);
  g_string_append (out, "END:VALARM\r\nEND:VEVENT\r\n");
}

static const char *
title_of (const LwExportItem *item)
{
  const char *title = lw_export_text (item, "displayName");

  return title != NULL ? title : item->name;
}

static void
append_expiry (GString *out, LwExport *self, const LwExportItem *item)
{
  g_autofree char *title = NULL;
  g_autofree char *start = NULL;

  if (item->expires == NULL)
    {
      lw_export_note (self, _ ("%s never expires, so it is not in the calendar."), item->name);
      return;
    }
  /* Translators: an entry of a calendar; %s is the title of an exemption. */
  title = g_strdup_printf (_ ("Exemption expires: %s"), title_of (item));
  start = g_date_time_format (item->expires, "%Y%m%dT%H%M%SZ");
  begin_event (out, self, item, "expiry");
  append_line (out, "DTSTART", start);
  append_line (out, "DURATION", "PT0S");
  append_text (out, "SUMMARY", title);
  end_event (out, item, title, "-P7D");
}

static void
append_checks (GString *out, LwExport *self, const LwExportItem *item)
{
  JsonObject *metadata = lw_json_get_object (item->properties, "metadata");
  JsonArray *controls = lw_json_get_array (lw_json_get_object (metadata, "leeway"), "controls");

  for (guint i = 0; controls != NULL && i < json_array_get_length (controls); i++)
    {
      JsonObject *control = lw_json_array_get_object (controls, i);
      const char *day = lw_json_get_string (control, "nextCheck");
      const char *kind = lw_json_get_string (control, "kind");
      g_autofree char *what = g_strdup_printf ("check %u", i);
      g_autofree char *title = NULL;
      g_autofree char *date = NULL;

      if (day == NULL || !lw_day_is_valid (day))
        continue;
      /* Translators: an entry of a calendar: the kind of a control, the title of an exemption. */
      title = g_strdup_printf (_ ("Check the control “%s”: %s"), kind != NULL ? kind : "",
                               title_of (item));
      date = g_strdup_printf ("%.4s%.2s%.2s", day, day + 5, day + 8);
      begin_event (out, self, item, what);
      append_line (out, "DTSTART;VALUE=DATE", date);
      append_text (out, "SUMMARY", title);
      end_event (out, item, title, "-P1D");
    }
}

gboolean
lw_export_ics (LwExport *self, GError **error)
{
  GString *out = g_string_new ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Leeway//Leeway//EN\r\n"
                               "CALSCALE:GREGORIAN\r\n");

  for (guint i = 0; i < self->items->len; i++)
    {
      append_expiry (out, self, g_ptr_array_index (self->items, i));
      append_checks (out, self, g_ptr_array_index (self->items, i));
    }
  g_string_append (out, "END:VCALENDAR\r\n");
  lw_export_add_file (self, "exemptions", "ics", out);
  return TRUE;
}
