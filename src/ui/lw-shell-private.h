/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-shell.h"
#include "lw-sidebar.h"
#include "lw-switcher.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

enum
{
  PAGE_REQUESTS,
  PAGE_REVIEW,
  PAGE_PORTFOLIO,
  PAGE_EXEMPTIONS,
  PAGE_RULES,
  N_PAGES
};

struct _LwShell
{
  AdwBreakpointBin parent_instance;

  LwConnections *connections;
  LwConnection *connection;
  GDateTime *now;
  LwSession *session;
  LwWorkspace *workspace;
  AdwNavigationPage *contents[N_PAGES];
  AdwDialog *sign_in_dialog;
  GPtrArray *people; /* (element-type LwPerson): who may go on without signing in; nullable */
  guint turn;        /* what opens the connection: a newer one makes an older one void */

  GtkStack *stack;
  AdwBin *other;
  AdwNavigationView *navigation;
  AdwNavigationSplitView *split;
  LwSidebar *sidebar;
  LwSwitcher *loading_switcher;
};

/* Shows what is asked, or what went wrong, in the place of the pages. */
void lw_shell_show_other (LwShell *self, GtkWidget *child);
void lw_shell_show_page (LwShell *self, const char *name, gboolean front);
/* Lets go of the pages and of what they show. */
void lw_shell_close_workspace (LwShell *self);
/* Finishes what this account began in Azure on this machine, and tells. */
void lw_shell_finish_begun (LwShell *self);
void lw_shell_emit_signed_in (LwShell *self);
void lw_shell_emit_given_up (LwShell *self);
/* The actions. */
void lw_shell_sign_in_action (GtkWidget *widget, const char *name, GVariant *target);
void lw_shell_sign_out_action (GtkWidget *widget, const char *name, GVariant *target);

G_END_DECLS
