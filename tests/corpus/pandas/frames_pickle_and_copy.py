# Frames, and subclasses of __main__ with metadata.
import copy
import pickle

import pandas as pd


class Tagged(pd.DataFrame):
    _metadata = ["tag"]

    @property
    def _constructor(self):
        return Tagged


tagged = Tagged({"a": [1]})
tagged.tag = "mine"
print(type(tagged.head()).__name__, tagged.copy().tag)
print(pickle.loads(pickle.dumps(tagged)).equals(tagged), copy.deepcopy(tagged)["a"].tolist())
# output: ["Tagged mine", "True [1]"]
