# info() writes to sys.stdout as one text of many lines.
import pandas as pd

pd.DataFrame({"a": [1, 2]}).info()
# output_contains: ["DataFrame'>", "RangeIndex: 2 entries, 0 to 1", " 0   a       2 non-null      int64"]
# output_contains: ["memory usage: 148.0 bytes"]
# output_count: 8
# stderr: []
