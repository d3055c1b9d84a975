# to_json, read_json, to_html, to_dict, to_markdown's absence does no harm.
import io

import pandas as pd

frame = pd.DataFrame({"a": [1, 2]})
print(frame.to_json(orient="records"), pd.read_json(io.StringIO('[{"a":3}]'))["a"].tolist())
print(frame.to_html().startswith("<table"), frame.to_dict("records"))
# output: ["[{\"a\":1},{\"a\":2}] [3]", "True [{'a': 1}, {'a': 2}]"]
