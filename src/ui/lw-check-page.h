/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-session.h"

G_BEGIN_DECLS

/**
 * LwCheckPage:
 *
 * What a new connection can do, tested once somebody signed in: the cloud, the directory, reading and
 * writing the ledger. Emits "continued", by itself where everything works.
 */
#define LW_TYPE_CHECK_PAGE (lw_check_page_get_type ())
G_DECLARE_FINAL_TYPE (LwCheckPage, lw_check_page, LW, CHECK_PAGE, AdwBin)

GtkWidget *lw_check_page_new (LwSession *session);

G_END_DECLS
