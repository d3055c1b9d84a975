# SPDX-License-Identifier: Apache-2.0
for name, value in list(globals().items()):
    if isinstance(value, pandas.DataFrame):
        print(name, *value.shape, value.memory_usage(index=True, deep=True).sum())
