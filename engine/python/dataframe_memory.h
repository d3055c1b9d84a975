/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_memory.h: a frame's memory as pandas counts it. */
#ifndef CLUTCH_PYTHON_DATAFRAME_MEMORY_H
#define CLUTCH_PYTHON_DATAFRAME_MEMORY_H

#include <stdint.h>

#include "python/dataframe_pandas.h"

/* What df.memory_usage(index=True, deep=True).sum() gives; -1 if it cannot be counted. GIL held;
 * leaves no exception set. User code may run: pandas asks objects in cells for their __sizeof__. */
int64_t dataframe_memory_bytes(const struct dataframe_pandas_parts *parts);

#endif
