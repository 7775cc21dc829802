/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * LwDeviceCodeView:
 *
 * A code to type into a browser on any device: large, to copy, with the page to open and how long it is
 * still good for. Emits "cancelled".
 */
#define LW_TYPE_DEVICE_CODE_VIEW (lw_device_code_view_get_type ())
G_DECLARE_FINAL_TYPE (LwDeviceCodeView, lw_device_code_view, LW, DEVICE_CODE_VIEW, AdwBin)

GtkWidget *lw_device_code_view_new (void);
/* @expires_at: unix seconds */
void lw_device_code_view_show (LwDeviceCodeView *self,
                               const char *uri,
                               const char *code,
                               gint64 expires_at);
/* Stops counting. */
void lw_device_code_view_stop (LwDeviceCodeView *self);

/* How long is left, in words. (transfer full) */
char *lw_time_left (gint64 seconds);

G_END_DECLS
