/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lw-number-private.h"

#define MAX_DIGITS      17
#define SMALLEST_NORMAL 2.2250738585072014e-308

/* Drops trailing zeros. */
static void
trim (LwDecimal *self)
{
  while (self->n_digits > 0 && self->digits[self->n_digits - 1] == '0')
    self->n_digits--;
  self->digits[self->n_digits] = '\0';
  if (self->n_digits == 0)
    self->exponent = 0;
}

/* @value, which is positive, rounded to @precision digits. */
static void
round_to (LwDecimal *self, double value, int precision)
{
  char format[8];
  char buffer[40];
  const char *e;
  guint n = 0;

  g_snprintf (format, sizeof format, "%%.%de", precision - 1);
  g_ascii_formatd (buffer, sizeof buffer, format, value);
  e = strchr (buffer, 'e');
  for (const char *p = buffer; p < e; p++)
    if (g_ascii_isdigit (*p))
      self->digits[n++] = *p;
  self->n_digits = n;
  self->digits[n] = '\0';
  self->exponent = atoi (e + 1) + 1;
}

/* One unit more in the last digit. */
static void
increment (LwDecimal *self)
{
  guint i = self->n_digits;

  while (i > 0 && self->digits[i - 1] == '9')
    self->digits[--i] = '0';
  if (i > 0)
    self->digits[i - 1]++;
  else
    {
      self->digits[0] = '1';
      self->exponent++;
    }
}

static gboolean
fits (LwDecimal *self, double value, int precision)
{
  round_to (self, value, precision);
  if (lw_decimal_to_double (self) == value)
    return TRUE;
  /* At a power of two the interval that reads back as the value is wider above than below, and the
   * nearest decimal may lie just outside it where its neighbour lies inside. */
  increment (self);
  return lw_decimal_to_double (self) == value;
}

void
lw_decimal_from_double (LwDecimal *self, double value)
{
  gboolean negative = signbit (value) != 0;
  double magnitude = fabs (value);

  *self = (LwDecimal) { 0 };
  if (magnitude != 0.0)
    {
      /* Every decimal of 15 digits survives a normal double, so only denormals need the search. */
      int precision = magnitude < SMALLEST_NORMAL ? 1 : 15;

      while (precision < MAX_DIGITS && !fits (self, magnitude, precision))
        precision++;
      if (precision == MAX_DIGITS)
        round_to (self, magnitude, MAX_DIGITS);
      trim (self);
    }
  self->negative = negative;
}

gboolean
lw_decimal_from_text (LwDecimal *self, const char *text, gsize length)
{
  const char *end = text + length;
  gboolean fraction = FALSE;
  gint64 point = 0; /* digits before the decimal point, less the zeros skipped after it */
  gint64 exponent = 0;
  gboolean lost = FALSE;

  *self = (LwDecimal) { 0 };
  if (text < end && *text == '-')
    {
      self->negative = TRUE;
      text++;
    }
  for (; text < end && *text != 'e' && *text != 'E'; text++)
    {
      if (*text == '.')
        {
          fraction = TRUE;
          continue;
        }
      if (self->n_digits == 0 && *text == '0')
        {
          point -= fraction;
          continue;
        }
      point += !fraction;
      if (self->n_digits < MAX_DIGITS + 1)
        self->digits[self->n_digits++] = *text;
      else
        lost |= *text != '0';
    }
  if (text < end)
    {
      gboolean negative;

      text++;
      negative = *text == '-';
      if (*text == '-' || *text == '+')
        text++;
      for (; text < end; text++)
        if (exponent < 1000000)
          exponent = exponent * 10 + (*text - '0');
      if (negative)
        exponent = -exponent;
    }

  if (self->n_digits == 0)
    return TRUE;
  exponent += point;
  self->exponent = (gint) CLAMP (exponent, -100000, 100000);
  trim (self);
  return !lost && self->n_digits <= MAX_DIGITS && ABS (exponent) < 400;
}

double
lw_decimal_to_double (const LwDecimal *self)
{
  char buffer[48];

  if (self->n_digits == 0)
    return self->negative ? -0.0 : 0.0;
  g_snprintf (buffer, sizeof buffer, "%s0.%.*se%d", self->negative ? "-" : "", (int) self->n_digits,
              self->digits, self->exponent);
  return g_ascii_strtod (buffer, NULL);
}

gboolean
lw_decimal_equal (const LwDecimal *a, const LwDecimal *b)
{
  return a->negative == b->negative && a->exponent == b->exponent && a->n_digits == b->n_digits &&
         memcmp (a->digits, b->digits, a->n_digits) == 0;
}

void
lw_number_append (GString *out, double value)
{
  LwDecimal d;
  gint k;
  gint n;

  g_return_if_fail (isfinite (value));

  lw_decimal_from_double (&d, value);
  k = (gint) d.n_digits;
  n = d.exponent;
  if (k == 0)
    {
      g_string_append_c (out, '0');
      return;
    }
  if (d.negative)
    g_string_append_c (out, '-');
  if (k <= n && n <= 21)
    {
      g_string_append_len (out, d.digits, k);
      for (gint i = k; i < n; i++)
        g_string_append_c (out, '0');
    }
  else if (0 < n && n <= 21)
    {
      g_string_append_len (out, d.digits, n);
      g_string_append_c (out, '.');
      g_string_append_len (out, d.digits + n, k - n);
    }
  else if (-6 < n && n <= 0)
    {
      g_string_append (out, "0.");
      for (gint i = n; i < 0; i++)
        g_string_append_c (out, '0');
      g_string_append_len (out, d.digits, k);
    }
  else
    {
      g_string_append_c (out, d.digits[0]);
      if (k > 1)
        {
          g_string_append_c (out, '.');
          g_string_append_len (out, d.digits + 1, k - 1);
        }
      g_string_append_printf (out, "e%+d", n - 1);
    }
}
