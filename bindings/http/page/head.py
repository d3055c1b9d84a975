# SPDX-License-Identifier: Apache-2.0
"""Prints the first rows of a DataFrame as one line of JSON.

Runs in a sandbox, in a namespace of its own that has: `variables`, the sandbox's globals; `name`, which of
them; `rows`, how many at most.
"""

import json

import pandas

COLUMNS = 40  # at most
LENGTH = 120  # of a cell's text, at most


def text(value):
    """None for a missing value."""
    if value is None or (pandas.api.types.is_scalar(value) and pandas.isna(value)):
        return None
    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    return shown if len(shown) <= LENGTH else shown[:LENGTH - 1] + "\u2026"


frame = variables[name]
if not isinstance(frame, pandas.DataFrame):
    raise KeyError(name)
head = frame.iloc[:rows, :COLUMNS]
columns = [head.iloc[:, i] for i in range(head.shape[1])]
print(json.dumps({
    "rows": len(frame),
    "columns": [{"name": text(label) or "", "type": str(column.dtype),
                 "numeric": bool(pandas.api.types.is_numeric_dtype(column.dtype)),
                 "cells": [text(value) for value in column]}
                for label, column in zip(head.columns, columns)],
    "more_columns": frame.shape[1] - head.shape[1],
    "index": [text(label) or "" for label in head.index],
}))
