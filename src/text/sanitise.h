/* SPDX-License-Identifier: MIT
 *
 * sanitise - has moved to base; this goes when nobody includes it here.
 */
#ifndef TEXT_SANITISE_H
#define TEXT_SANITISE_H

#include "base/sanitise.h"

#endif
