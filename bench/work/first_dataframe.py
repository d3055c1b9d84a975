# SPDX-License-Identifier: Apache-2.0
import pandas as pd
df = pd.DataFrame({'key': ['a', 'b', 'a'], 'value': [1, 2, 3]})
print(df.groupby('key').sum())
