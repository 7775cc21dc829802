/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-date-row.h"

#include <langinfo.h>

#include "lw-request.h"

/* Whether the locale writes the month before the day (as the United States do). */
static gboolean
month_first (void)
{
  const char *format = nl_langinfo (D_FMT);
  const char *month = strstr (format, "%m");
  const char *day = strstr (format, "%d");

  if (strstr (format, "%D") != NULL)
    return TRUE;
  return month != NULL && day != NULL && month < day && strstr (format, "%Y") != format &&
         strstr (format, "%y") != format;
}

/* Takes a time of day such as "14", "14:00" or "14:30" from the end of the text. */
static gboolean
take_time (char *text, int *hour, int *minute)
{
  g_autoptr (GRegex) regex = g_regex_new ("[ T,]+(\\d{1,2}):(\\d{2})(:\\d{2})?\\s*$", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *hours = NULL, *minutes = NULL;
  int start;

  if (!g_regex_match (regex, text, 0, &match))
    return FALSE;
  hours = g_match_info_fetch (match, 1);
  minutes = g_match_info_fetch (match, 2);
  *hour = atoi (hours);
  *minute = atoi (minutes);
  if (*hour > 23 || *minute > 59 || !g_match_info_fetch_pos (match, 0, &start, NULL))
    return FALSE;
  text[start] = '\0';
  return TRUE;
}

static gboolean
parse_numbers (const char *text, int *year, int *month, int *day)
{
  int a, b, c, used = 0;

  if (sscanf (text, "%4d-%2d-%2d%n", year, month, day, &used) == 3 && text[used] == '\0' &&
      *year > 999)
    return TRUE;
  if (sscanf (text, "%2d.%2d.%4d%n", day, month, year, &used) == 3 && text[used] == '\0')
    return *year > 999;
  if (sscanf (text, "%2d/%2d/%4d%n", &a, &b, &c, &used) == 3 && text[used] == '\0')
    {
      *year = c;
      *month = month_first () ? a : b;
      *day = month_first () ? b : a;
      return *year > 999;
    }
  return FALSE;
}

/* Names of months, as g_date_set_parse() knows them, but only with a year of four digits. */
static gboolean
parse_words (const char *text, int *year, int *month, int *day)
{
  g_autoptr (GRegex) regex = g_regex_new ("\\b\\d{4}\\b", 0, 0, NULL);
  g_autoptr (GRegex) letters = g_regex_new ("\\pL{3}", 0, 0, NULL);
  GDate date;

  if (!g_regex_match (regex, text, 0, NULL) || !g_regex_match (letters, text, 0, NULL))
    return FALSE;
  g_date_clear (&date, 1);
  g_date_set_parse (&date, text);
  if (!g_date_valid (&date))
    return FALSE;
  *year = g_date_get_year (&date);
  *month = g_date_get_month (&date);
  *day = g_date_get_day (&date);
  return TRUE;
}

GDateTime *
lw_date_parse (const char *text, GDateTime *now, gboolean *has_time)
{
  g_autofree char *copy = g_strstrip (g_strdup (text != NULL ? text : ""));
  int year, month, day, hour = 23, minute = 59, days = 0, used = 0;

  *has_time = FALSE;
  if (*copy == '\0')
    return NULL;
  if (now != NULL && sscanf (copy, "+%4d%n", &days, &used) == 1 && copy[used] == '\0')
    {
      g_autoptr (GDateTime) local = g_date_time_to_local (now);
      g_autoptr (GDateTime) then = g_date_time_add_days (local, days);

      return g_date_time_new_local (g_date_time_get_year (then), g_date_time_get_month (then),
                                    g_date_time_get_day_of_month (then), 23, 59, 59);
    }
  *has_time = take_time (copy, &hour, &minute);
  if (!parse_numbers (copy, &year, &month, &day) && !parse_words (copy, &year, &month, &day))
    return NULL;
  return g_date_time_new_local (year, month, day, hour, minute, *has_time ? 0 : 59);
}

char *
lw_date_end_of_day (GDateTime *day)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (day);
  g_autoptr (GDateTime) end =
      g_date_time_new_local (g_date_time_get_year (local), g_date_time_get_month (local),
                             g_date_time_get_day_of_month (local), 23, 59, 59);
  g_autoptr (GDateTime) utc = g_date_time_to_utc (end);

  return lw_instant_format (utc);
}
