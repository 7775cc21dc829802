/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-word-list.h"

G_BEGIN_DECLS

/* What a word is by its form, in any language. */
typedef enum
{
  LW_TOKEN_WORD,
  LW_TOKEN_NUMBER, /* 4, 30% */
  LW_TOKEN_DATE,   /* 2027-01-31, 14.02. */
  LW_TOKEN_NAME, /* of a thing: rg-eval-01, 10.2.0.0/16, api.contoso.com, TLS1.2, aiServicesNoPublic */
  LW_TOKEN_TICKET, /* NET-2291, CHG0042, #17 */
  LW_TOKEN_LINK,
} LwTokenForm;

typedef struct
{
  char *word;       /* folded */
  gsize start, end; /* its bytes in the text */
  LwTokenForm form;
} LwToken;

/* The words of @text. (transfer full) (element-type LwToken) */
GArray *lw_reason_tokens (const char *text);

/* Overwrites error messages with blanks. Whether there was one. */
gboolean lw_reason_blank_errors (char *text);

/* Overwrites @name wherever it stands, in capitals or not. How often that was. */
guint lw_reason_blank_name (char *text, const char *name);

/* Whether @text has letters, and nearly all of them are capitals, or shouts with its marks. */
gboolean lw_reason_shouts (const char *text);

G_END_DECLS
