/* SPDX-License-Identifier: Apache-2.0 */
/* reseed.h: numpy's global random state, made anew in a few microseconds. */
#ifndef CLUTCH_PYTHON_RESEED_H
#define CLUTCH_PYTHON_RESEED_H

#include <stdbool.h>

/* In the template: finds where the state is, if numpy.random is imported. GIL held; leaves no exception. */
void reseed_prepare(void);

/* In a fresh sandbox. False when the place is not known; numpy.random.seed() does the same then. */
bool reseed_numpy(void);

/* Whether the state is what reseed_numpy made in this process or the one that it was copied from: then it may
 * be called again. GIL held; leaves no exception. */
bool reseed_is_untouched(void);

#endif
