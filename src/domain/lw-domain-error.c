/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-domain-error.h"

G_DEFINE_QUARK (lw - domain - error, lw_domain_error)
