/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/random.h>

#include "lw-domain-error.h"
#include "lw-request.h"
#include "lw-source-private.h"

/* @count digits at *@at as a number, or -1. */
static int
digits (const char **at, guint count)
{
  int value = 0;

  for (guint i = 0; i < count; i++)
    {
      if (!g_ascii_isdigit ((*at)[i]))
        return -1;
      value = value * 10 + ((*at)[i] - '0');
    }
  *at += count;
  return value;
}

static gboolean
take (const char **at, char c)
{
  if (**at != c)
    return FALSE;
  (*at)++;
  return TRUE;
}

static gboolean
read_day (const char **at, int *year, int *month, int *day)
{
  return (*year = digits (at, 4)) >= 1 && take (at, '-') && (*month = digits (at, 2)) >= 0 &&
         take (at, '-') && (*day = digits (at, 2)) >= 0 && *month >= 1 && *month <= 12 &&
         *day >= 1 && g_date_valid_dmy ((GDateDay) *day, (GDateMonth) *month, (GDateYear) *year);
}

/* "Z" or "±HH:MM", as minutes east of UTC. */
static gboolean
read_offset (const char **at, int *minutes)
{
  int sign;
  int hour;
  int minute;

  *minutes = 0;
  if (take (at, 'Z') || take (at, 'z'))
    return TRUE;
  if (**at != '+' && **at != '-')
    return FALSE;
  sign = *(*at)++ == '-' ? -1 : 1;
  hour = digits (at, 2);
  if (hour < 0 || hour > 23 || !take (at, ':'))
    return FALSE;
  minute = digits (at, 2);
  if (minute < 0 || minute > 59)
    return FALSE;
  *minutes = sign * (hour * 60 + minute);
  return TRUE;
}

static GDateTime *
parse (const char *text)
{
  g_autoptr (GDateTime) local = NULL;
  const char *at = text;
  int year, month, day, hour, minute, second, offset;
  gint64 micros = 0;

  if (!read_day (&at, &year, &month, &day))
    return NULL;
  if (*at == '\0')
    return g_date_time_new_utc (year, month, day, 0, 0, 0);
  if (!take (&at, 'T') && !take (&at, 't'))
    return NULL;
  if ((hour = digits (&at, 2)) < 0 || hour > 23 || !take (&at, ':') ||
      (minute = digits (&at, 2)) < 0 || minute > 59 || !take (&at, ':') ||
      (second = digits (&at, 2)) < 0 || second > 59)
    return NULL;
  if (take (&at, '.'))
    {
      guint count = 0;

      for (; g_ascii_isdigit (*at); at++, count++)
        if (count < 6)
          micros = micros * 10 + (*at - '0');
      if (count < 1 || count > 7)
        return NULL;
      for (; count < 6; count++)
        micros *= 10;
    }
  if (!read_offset (&at, &offset) || *at != '\0')
    return NULL;
  local = g_date_time_new_utc (year, month, day, hour, minute, second);
  if (local == NULL)
    return NULL;
  return g_date_time_add (local, micros - offset * G_TIME_SPAN_MINUTE);
}

GDateTime *
lw_instant_parse (const char *text, GError **error)
{
  GDateTime *instant = text != NULL ? parse (text) : NULL;

  if (instant == NULL)
    {
      g_autofree char *shown = lw_excerpt (text, 40);

      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   /* Translators: %s is what stands there. Keep the example as it is. */
                   _ ("“%s” is no instant; write it as in 2027-01-31T22:59:59Z."), shown);
    }
  return instant;
}

char *
lw_instant_format (GDateTime *instant)
{
  g_autoptr (GDateTime) utc = NULL;

  g_return_val_if_fail (instant != NULL, NULL);

  utc = g_date_time_to_utc (instant);
  return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02dZ", g_date_time_get_year (utc),
                          g_date_time_get_month (utc), g_date_time_get_day_of_month (utc),
                          g_date_time_get_hour (utc), g_date_time_get_minute (utc),
                          g_date_time_get_second (utc));
}

gboolean
lw_day_is_valid (const char *text)
{
  int year, month, day;

  return text != NULL && read_day (&text, &year, &month, &day) && *text == '\0';
}

char *
lw_uuid_v7 (gint64 unix_ms)
{
  guint8 b[16];
  gsize filled = 0;

  while (filled < sizeof b)
    {
      gssize got = getrandom (b + filled, sizeof b - filled, 0);

      /* It only fails when a signal comes first or on a kernel older than any that runs this. */
      if (got > 0)
        filled += (gsize) got;
    }
  for (guint i = 0; i < 6; i++)
    b[i] = (guint8) (unix_ms >> (40 - 8 * i));
  b[6] = (b[6] & 0x0F) | 0x70;
  b[8] = (b[8] & 0x3F) | 0x80;
  return g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                          b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                          b[12], b[13], b[14], b[15]);
}

gboolean
lw_uuid_is_valid (const char *text)
{
  if (text == NULL || strlen (text) != 36)
    return FALSE;
  for (guint i = 0; i < 36; i++)
    {
      gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;

      if (dash ? text[i] != '-' : !g_ascii_isxdigit (text[i]))
        return FALSE;
    }
  return TRUE;
}
