/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The largest integer that an IEEE double and every JSON reader keep exactly. */
#define LW_NUMBER_MAX_SAFE G_GINT64_CONSTANT (9007199254740992)

/* A decimal number: 0.DIGITS × 10^exponent, digits without leading or trailing zeros; zero has none. */
typedef struct
{
  char digits[20];
  guint n_digits;
  gint exponent;
  gboolean negative;
} LwDecimal;

/* The shortest decimal that reads back as @value, as ECMAScript's Number::toString chooses it. */
void lw_decimal_from_double (LwDecimal *self, double value);

/* Reads a number of JSON's grammar. %FALSE where it has more than 17 significant digits or an exponent
 * that no double has, so that no double can keep it. */
gboolean lw_decimal_from_text (LwDecimal *self, const char *text, gsize length);

double lw_decimal_to_double (const LwDecimal *self);
gboolean lw_decimal_equal (const LwDecimal *a, const LwDecimal *b);

/* Appends @value as ECMAScript writes it (RFC 8785 section 3.2.2.3). @value must be finite. */
void lw_number_append (GString *out, double value);

G_END_DECLS
