/* SPDX-License-Identifier: MIT
 *
 * utf8 - has moved to base; this goes when nobody includes it here.
 */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include "base/utf8.h"

#endif
